import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Cell, clamp, compact, overlaps, place, reflow, remove, rowsOf, spotFor, step } from './layout.js'

const columns = 12
const cell = fc
  .record({
    x: fc.integer({ min: 0, max: 11 }),
    y: fc.integer({ min: 0, max: 20 }),
    w: fc.integer({ min: 1, max: 12 }),
    h: fc.integer({ min: 1, max: 6 }),
  })
  .map((rect) => clamp(rect, columns))
const layout = fc
  .array(cell, { minLength: 1, maxLength: 14 })
  .map((rects) => compact(rects.map((rect, i): Cell => ({ ...rect, id: `w${i}` }))))

function isSound(cells: readonly Cell[], width = columns): boolean {
  return cells.every(
    (a, i) =>
      a.x >= 0 &&
      a.y >= 0 &&
      a.w >= 1 &&
      a.x + a.w <= width &&
      cells.every((b, j) => i === j || !overlaps(a, b)) &&
      // Nothing hangs below a gap that it would fit in.
      (a.y === 0 || cells.some((b, j) => i !== j && overlaps({ ...a, y: a.y - 1 }, b))),
  )
}

const byId = (cells: readonly Cell[]) => [...cells].sort((a, b) => (a.id < b.id ? -1 : 1))

describe('any layout', () => {
  it('has no overlap and no gap that somebody would fit in, whatever is moved where', () => {
    fc.assert(
      fc.property(layout, fc.nat(13), cell, (start, pick, target) => {
        const { id } = start[pick % start.length]!
        const moved = place(start, id, target, columns)
        expect(isSound(moved)).toBe(true)
        expect(byId(moved).map((c) => c.id)).toEqual(byId(start).map((c) => c.id))
        expect(moved.find((c) => c.id === id)).toMatchObject({ x: target.x, w: target.w, h: target.h })
      }),
      { numRuns: 3000 },
    )
  })

  it('changes nobody’s size but that of the one that is resized', () => {
    fc.assert(
      fc.property(layout, fc.nat(13), cell, (start, pick, target) => {
        const { id } = start[pick % start.length]!
        const sizes = (cells: readonly Cell[]) =>
          byId(cells)
            .filter((c) => c.id !== id)
            .map(({ w, h }) => [w, h])
        expect(sizes(place(start, id, target, columns))).toEqual(sizes(start))
      }),
    )
  })

  it('stays as it is where a widget is put where it was', () => {
    fc.assert(
      fc.property(layout, fc.nat(13), (start, pick) => {
        const { id, x, y } = start[pick % start.length]!
        expect(byId(place(start, id, { x, y }, columns))).toEqual(byId(start))
      }),
    )
  })

  it('is settled when it is compacted', () => {
    fc.assert(
      fc.property(layout, (start) => {
        expect(byId(compact(start))).toEqual(byId(start))
      }),
    )
  })

  it('is sound on 6 columns and on 1, in reading order', () => {
    fc.assert(
      fc.property(layout, fc.constantFrom(6, 1), (start, width) => {
        const narrow = reflow(start, columns, width)
        expect(isSound(narrow, width)).toBe(true)
        const order = (cells: readonly Cell[]) => [...cells].sort((a, b) => a.y - b.y || a.x - b.x).map(({ id }) => id)
        if (width === 1) expect(order(narrow)).toEqual(order(start))
      }),
    )
  })

  it('has room for one more, and none in the way', () => {
    fc.assert(
      fc.property(layout, cell, (start, size) => {
        const spot = spotFor(start, size, columns)
        expect(start.some((c) => overlaps(c, spot))).toBe(false)
        expect(spot.x + spot.w).toBeLessThanOrEqual(columns)
        expect(spot.y).toBeLessThanOrEqual(rowsOf(start))
      }),
    )
  })

  it('closes up when one is removed', () => {
    fc.assert(
      fc.property(layout, fc.nat(13), (start, pick) => {
        const { id } = start[pick % start.length]!
        const left = remove(start, id)
        expect([left.length, isSound(left)]).toEqual([start.length - 1, true])
      }),
    )
  })

  it('lets a key move every widget there and on, never out', () => {
    fc.assert(
      fc.property(layout, fc.nat(13), fc.constantFrom([1, 0], [-1, 0], [0, 1], [0, -1]), (start, pick, [dx, dy]) => {
        const { id } = start[pick % start.length]!
        expect(isSound(place(start, id, step(start, id, dx!, dy!), columns))).toBe(true)
      }),
    )
  })
})

const row: Cell[] = [
  { id: 'a', x: 0, y: 0, w: 4, h: 3 },
  { id: 'b', x: 4, y: 0, w: 4, h: 3 },
  { id: 'c', x: 8, y: 0, w: 4, h: 3 },
]
const at = (cells: readonly Cell[], id: string) => {
  const { x, y, w, h } = cells.find((c) => c.id === id)!
  return [x, y, w, h]
}

it('changes places with a widget of the same size', () => {
  const moved = place(row, 'a', { x: 8, y: 0 }, columns)
  expect([at(moved, 'a'), at(moved, 'b'), at(moved, 'c')]).toEqual([
    [8, 0, 4, 3],
    [4, 0, 4, 3],
    [0, 0, 4, 3],
  ])
})

it('pushes down what a wider one covers', () => {
  const moved = place(row, 'a', { w: 6 }, columns)
  expect([at(moved, 'a'), at(moved, 'b'), at(moved, 'c')]).toEqual([
    [0, 0, 6, 3],
    [4, 3, 4, 3],
    [8, 0, 4, 3],
  ])
})

it('keeps to the least size of a widget', () => {
  const moved = place([{ ...row[0]!, minW: 3, minH: 2 }], 'a', { w: 1, h: 1 }, columns)
  expect(at(moved, 'a')).toEqual([0, 0, 3, 2])
})

it('swaps by keys with the row below, and back', () => {
  const rows: Cell[] = [
    { id: 'top', x: 0, y: 0, w: 12, h: 2 },
    { id: 'low', x: 0, y: 2, w: 12, h: 4 },
  ]
  const down = place(rows, 'top', step(rows, 'top', 0, 1), columns)
  expect([at(down, 'low'), at(down, 'top')]).toEqual([
    [0, 0, 12, 4],
    [0, 4, 12, 2],
  ])
  const up = place(down, 'top', step(down, 'top', 0, -1), columns)
  expect([at(up, 'top'), at(up, 'low')]).toEqual([
    [0, 0, 12, 2],
    [0, 2, 12, 4],
  ])
})
