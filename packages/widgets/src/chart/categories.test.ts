/** Sorting, folding and stacking of categories, against sums done by hand and by properties. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { groupValues, rankCategories, stackCategories } from './categories.js'

const group = (label: string, value: number) => ({ key: label, label, tags: { type: label }, value })
const options = { sort: 'value', order: 'desc', limit: 0, restLabel: undefined } as const

test('the largest are kept whatever the order they are shown in', () => {
  const values = [group('b', 2), group('a', 1), group('d', 4), group('c', 3)]
  const labels = (part: object) => rankCategories(values, { ...options, ...part }).shown.map(({ label }) => label)
  expect(labels({ limit: 2 })).toEqual(['d', 'c'])
  expect(labels({ limit: 2, order: 'asc' })).toEqual(['c', 'd'])
  expect(labels({ sort: 'name', limit: 3 })).toEqual(['b', 'c', 'd'])
  expect(rankCategories(values, { ...options, limit: 3 }).hiddenCount).toBe(1)
})

test('nothing is lost in the rest', () => {
  const list = fc.array(fc.tuple(fc.string({ maxLength: 4 }), fc.integer({ min: -50, max: 1000 })), { maxLength: 30 })
  fc.assert(
    fc.property(list, fc.integer({ min: 1, max: 8 }), (pairs, limit) => {
      const values = [...new Map(pairs)].map(([label, value]) => group(label, value))
      const { shown, total } = rankCategories(values, { ...options, limit, restLabel: 'Other' })
      expect(shown.reduce((sum, { value }) => sum + value, 0)).toBe(total)
      expect(shown.filter(({ isRest }) => !isRest).length).toBe(Math.min(limit, values.length))
    }),
  )
})

test('stacks share their layers, and the rest is stacked too', () => {
  const tagged = (region: string, status: string | null, value: number) => ({
    key: `${region}${status}`,
    label: '',
    tags: { region, status },
    value,
  })
  const values = [tagged('eu', 'ok', 9), tagged('us', 'ok', 5), tagged('us', null, 1), tagged('ap', 'ok', 2)]
  const { stacks, layers } = stackCategories(values, { ...options, limit: 1, restLabel: 'Other' }, 'none')
  expect(layers.map(({ label }) => label)).toEqual(['none', 'ok'])
  expect(
    stacks.map(({ category, parts }) => [category.label, parts.map(({ layer, value }) => [layer.label, value])]),
  ).toEqual([
    ['eu', [['ok', 9]]],
    [
      'Other',
      [
        ['none', 1],
        ['ok', 7],
      ],
    ],
  ])
})

test('groups without a value are left out, missing tags are named', () => {
  const columns = [Float64Array.of(1), Float64Array.of(Number.NaN), Float64Array.of(3)]
  const values = groupValues([{ a: 'x' }, { a: 'y' }, { a: null }], columns, 'none')
  expect(values.map(({ label, value }) => [label, value])).toEqual([
    ['x', 1],
    ['none', 3],
  ])
})
