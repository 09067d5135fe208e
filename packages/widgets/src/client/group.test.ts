import { expect, test } from 'vitest'
import { groupNamed } from './group.js'

test('members are told what changed and by whom; what is equal changes nothing', () => {
  const group = groupNamed('a')
  const told: unknown[] = []
  const leave = group.join((parts, source) => told.push([[...parts], source]))
  const me = {}
  group.set({ range: '1h', span: { startMs: 1, endMs: 2 } }, me)
  group.set({ range: '1h', span: { startMs: 1, endMs: 2 } }, me)
  expect(told).toEqual([[['range', 'span'], me]])
  expect(group.view).toMatchObject({ range: '1h', cursorMs: null, filters: {} })
  leave()
})

test('the last one to leave takes what was set with it', () => {
  const first = groupNamed('b')
  const leave = [first.join(() => {}), first.join(() => {})]
  first.set({ filters: { region: 'eu' } }, {})
  leave[0]()
  expect(groupNamed('b')).toBe(first)
  leave[1]()
  leave[1]()
  expect(groupNamed('b').view.filters).toEqual({})
})
