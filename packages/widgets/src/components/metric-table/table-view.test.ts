import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TableView, visibleRows } from './table-view.js'

const table = () =>
  new TableView({
    columns: [
      { name: 'type', kind: 'text', values: ['email.send', 'report', null, 'Email.check'] },
      { name: 'p95', kind: 'number', values: [10, Number.NaN, 30, null] },
    ],
  })

test('numbers and texts are sorted, and what is missing is last either way', () => {
  const view = table()
  const order = (column: number, direction: 'asc' | 'desc') => {
    view.show('', { column, order: direction }, 'en')
    return [...view.order]
  }
  expect(order(1, 'asc')).toEqual([0, 2, 1, 3])
  expect(order(1, 'desc')).toEqual([2, 0, 1, 3])
  expect(order(0, 'asc')).toEqual([3, 0, 1, 2])
  expect(order(0, 'desc')).toEqual([1, 0, 3, 2])
})

test('a search wants every word, in any case, and keeps the order', () => {
  const view = table()
  view.show('EMAIL', { column: 1, order: 'desc' }, 'en')
  expect([...view.order]).toEqual([0, 3])
  view.show('email check', undefined, 'en')
  expect([...view.order]).toEqual([3])
  view.show('', undefined, 'en')
  expect([...view.order]).toEqual([0, 1, 2, 3])
})

test('sorting loses no row', () => {
  const values = fc.array(fc.oneof(fc.double(), fc.constant(null)), { maxLength: 50 })
  fc.assert(
    fc.property(values, fc.constantFrom('asc' as const, 'desc' as const), (list, order) => {
      const view = new TableView({ columns: [{ name: 'n', kind: 'number', values: list }] })
      view.show('', { column: 0, order }, 'en')
      expect([...view.order].sort((a, b) => a - b)).toEqual(list.map((_, i) => i))
    }),
  )
})

test('the window covers what is seen, and never more than there is', () => {
  expect(visibleRows(0, 320, 32, 100_000)).toEqual({ from: 0, to: 18 })
  const { from, to } = visibleRows(50_000 * 32, 320, 32, 100_000)
  expect(from).toBeLessThanOrEqual(50_000)
  expect(to).toBeGreaterThanOrEqual(50_010)
  expect(visibleRows(99_999 * 32, 320, 32, 100_000).to).toBe(100_000)
  expect(visibleRows(1e9, 320, 32, 3)).toEqual({ from: 0, to: 3 })
})
