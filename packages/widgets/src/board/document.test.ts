import type { DashboardWidget } from '@telltale/protocol/api'
import { describe, expect, it } from 'vitest'
import {
  type BoardContent,
  contentOf,
  layoutOf,
  merged,
  movedTo,
  newWidgetId,
  withConfig,
  withLayout,
  withoutWidget,
  withWidget,
} from './document.js'
import { History } from './history.js'

const widget = (id: string, x = 0, y = 0, w = 4, h = 3): DashboardWidget => ({
  id,
  type: 'chart',
  position: { x, y, w, h },
  config: { title: id },
})
const board = (...widgets: DashboardWidget[]): BoardContent => ({ name: 'Board', widgets })
const rects = (content: BoardContent, columns: 12 | 6 | 1 = 12) =>
  Object.fromEntries(layoutOf(content, columns).map(({ id, x, y, w, h }) => [id, [x, y, w, h]]))

describe('a layout', () => {
  const three = board(widget('a'), widget('b', 4), widget('c', 8))

  it('is derived for narrow boards until somebody arranges them', () => {
    expect(rects(three, 1)).toEqual({ a: [0, 0, 1, 3], b: [0, 3, 1, 3], c: [0, 6, 1, 3] })
    const arranged = movedTo(three, 'c', { y: 0 }, 1)
    expect(rects(arranged, 1)).toEqual({ c: [0, 0, 1, 3], a: [0, 3, 1, 3], b: [0, 6, 1, 3] })
    // The wide board stays as it was.
    expect(rects(arranged)).toEqual(rects(three))
    // One that came later finds its place among those that were arranged.
    expect(Object.keys(rects(withWidget(arranged, widget('d')), 1))).toHaveLength(4)
  })

  it('is lower for numbers in one column, and has rows of one height on narrow boards', () => {
    const number = { ...widget('n', 0, 0, 4, 4), type: 'card' as const }
    expect(rects(board(number, widget('a', 4, 0, 4, 4)), 1)).toEqual({ n: [0, 0, 1, 2], a: [0, 2, 1, 4] })
    expect(rects(board(widget('a', 0, 0, 6, 4), widget('b', 6, 0, 6, 6)), 6)).toEqual({
      ...{ a: [0, 0, 3, 6], b: [3, 0, 3, 6] },
    })
    // What is much lower stays so.
    expect(rects(board(widget('a', 0, 0, 6, 3), widget('b', 6, 0, 6, 6)), 6).a).toEqual([0, 0, 3, 3])
  })

  it('gives a new widget the first free place', () => {
    const { position, ...rest } = widget('d')
    expect(rects(withWidget(board(widget('a'), widget('b', 10, 0, 2)), rest)).d).toEqual([4, 0, 6, 5])
    expect(rects(withWidget(three, rest)).d).toEqual([0, 3, 6, 5])
  })

  it('closes up when a widget goes', () => {
    expect(rects(withoutWidget(board(widget('a'), widget('b', 0, 3)), 'a'))).toEqual({ b: [0, 0, 4, 3] })
  })

  it('leaves what it does not name alone', () => {
    expect(withLayout(three, [], 12)).toEqual(three)
  })
})

it('names widgets anew', () => {
  expect(newWidgetId(board(widget('chart-1'), widget('chart-3')), 'chart')).toBe('chart-2')
})

it('is stored without what only the collector knows', () => {
  const stored = { id: 'x', version: 3, created_at: '', updated_at: '', public_link: null, name: 'Board', widgets: [] }
  expect(contentOf(stored)).toEqual({ name: 'Board', widgets: [] })
})

describe('edits of two people', () => {
  const base = board(widget('a'), widget('b', 4))

  it('are both kept where they touch different things', () => {
    const mine = withConfig(base, 'a', { title: 'mine' })
    const theirs = { ...withoutWidget(base, 'b'), name: 'Theirs' }
    expect(merged(base, mine, theirs)).toEqual({
      name: 'Theirs',
      widgets: [{ ...widget('a'), config: { title: 'mine' } }],
    })
    expect(
      merged(base, withWidget(base, widget('c', 8)), withWidget(base, widget('d', 8)))?.widgets.map(({ id }) => id),
    ).toEqual(['a', 'b', 'd', 'c'])
    expect(merged(base, base, theirs)).toEqual(theirs)
    expect(merged(base, mine, mine)).toEqual(mine)
  })

  it('are a conflict where they touch the same', () => {
    const one = withConfig(base, 'a', { title: 'one' })
    expect(merged(base, one, withConfig(base, 'a', { title: 'two' }))).toBeUndefined()
    expect(merged(base, one, withoutWidget(base, 'a'))).toBeUndefined()
    expect(merged(base, { ...base, name: 'x' }, { ...base, name: 'y' })).toBeUndefined()
  })
})

describe('history', () => {
  it('goes back and forth, and forgets what was undone', () => {
    const history = new History(0)
    history.push(1)
    history.push(2)
    expect([history.undo(), history.undo(), history.undo(), history.canUndo]).toEqual([1, 0, 0, false])
    expect([history.redo(), history.canRedo]).toEqual([1, true])
    history.push(9)
    expect([history.canRedo, history.undo()]).toEqual([false, 1])
  })

  it('takes quick edits of one name as one', () => {
    let nowMs = 0
    const history = new History('', () => nowMs)
    for (const text of ['a', 'ab', 'abc']) {
      history.push(text, 'title')
      nowMs += 300
    }
    nowMs += 5000
    history.push('abcd', 'title')
    expect([history.undo(), history.undo()]).toEqual(['abc', ''])
  })

  it('keeps the last 200 steps', () => {
    const history = new History(0)
    for (let i = 1; i <= 500; i++) history.push(i)
    let steps = 0
    while (history.canUndo) {
      history.undo()
      steps++
    }
    expect([steps, history.value]).toEqual([199, 301])
  })
})
