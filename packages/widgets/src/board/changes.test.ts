import { expect, test } from 'vitest'
import { changesBetween } from './changes.js'
import type { BoardContent } from './document.js'

const widget = (id: string, part: object = {}) => ({
  ...{ id, type: 'chart' as const, position: { x: 0, y: 0, w: 4, h: 4 }, config: { metric: 'm' } },
  ...part,
})
const board = (part: Partial<BoardContent> = {}): BoardContent => ({
  name: 'Board',
  widgets: [widget('a'), widget('b'), widget('c')],
  ...part,
})
const nothing = { added: [], removed: [], changed: [], isMoved: false, isRenamed: false, isSet: false }

test('the same is no change, however it is written down', () => {
  expect(changesBetween(board(), structuredClone(board()))).toEqual(nothing)
})

test('each kind of change is told apart', () => {
  const widgets = [
    widget('a', { position: { x: 4, y: 0, w: 4, h: 4 } }),
    widget('b', { config: { metric: 'other' } }),
    widget('d'),
  ]
  expect(changesBetween(board(), board({ widgets }))).toEqual({
    ...nothing,
    added: [widget('d')],
    removed: [widget('c')],
    changed: [widgets[1]],
    isMoved: true,
  })
  expect(changesBetween(board(), board({ name: 'New' }))).toEqual({ ...nothing, isRenamed: true })
  expect(changesBetween(board(), board({ time_range: { start: 'now-7d' } }))).toEqual({ ...nothing, isSet: true })
})

test('another type is a change, another place on a narrow board a move', () => {
  const typed = changesBetween(board(), board({ widgets: [widget('a', { type: 'bar' }), widget('b'), widget('c')] }))
  expect(typed.changed.map(({ id }) => id)).toEqual(['a'])
  const narrow = widget('a', { layouts: { 1: { x: 0, y: 2, w: 1, h: 4 } } })
  expect(changesBetween(board(), board({ widgets: [narrow, widget('b'), widget('c')] }))).toEqual({
    ...nothing,
    isMoved: true,
  })
})
