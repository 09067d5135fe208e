import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findExtremes, high, low } from './pyramid.js'
import { emptyTrace, type Frame, isDense, type PathInput, traceLine } from './trace.js'

const n = Number.NaN
const frame: Frame = { minX: 0, pxPerX: 1, left: 10, minY: 0, pxPerY: 1, bottom: 100, isLog: false }

function traced(times: number[], values: number[], parts: Partial<PathInput> = {}, by: Partial<Frame> = {}) {
  const trace = emptyTrace()
  const input = {
    ...{ times: Float64Array.from(times), values: Float64Array.from(values), from: 0, to: times.length - 1 },
    ...{ gapMs: 5, ...parts },
  }
  traceLine(trace, input, input.values, { ...frame, ...by })
  return { trace, input, points: [...trace.xy.subarray(0, trace.length)] }
}

test('every point is drawn where there is room, and a gap starts a new run', () => {
  const { points, trace } = traced([0, 4, 20, 24], [1, 2, 3, n])
  expect(points).toEqual([10, 99, 14, 98, 30, 97])
  expect(trace.runs).toEqual([0, 4])
})

test('a logarithmic axis shows what is not above zero below its edge', () => {
  expect(traced([0, 4], [10, 0], {}, { isLog: true, pxPerY: 50 }).points).toEqual([10, 50, 14, 108])
})

/** What a line through all points covers in each column, as the picture has it. */
function columnsOf(xy: ArrayLike<number>, runs: readonly number[], length: number) {
  const columns = new Map<number, [number, number]>()
  runs.forEach((start, run) => {
    for (let at = start; at < (runs[run + 1] ?? length); at += 2) {
      const [lowest, highest] = columns.get(xy[at]) ?? [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
      columns.set(xy[at], [Math.min(lowest, xy[at + 1]), Math.max(highest, xy[at + 1])])
    }
  })
  return columns
}

test('decimated lines cover the same columns from the same lowest to the same highest pixel, and join at the same points', () => {
  const cell = fc.oneof({ weight: 9, arbitrary: fc.double({ min: 0, max: 90, noNaN: true }) }, fc.constant(n))
  fc.assert(
    fc.property(
      fc.array(cell, { minLength: 200, maxLength: 3000 }),
      fc.double({ min: 0.01, max: 0.9 }),
      (values, pxPerX) => {
        const times = values.map((_, i) => i)
        const { trace, input } = traced(times, values, { gapMs: 1e9 }, { pxPerX })
        fc.pre(isDense(input, { ...frame, pxPerX }))
        const all: number[] = []
        const ends = new Map<number, [number, number]>()
        values.forEach((value, i) => {
          if (Number.isNaN(value)) return
          const x = Math.round(10 + i * pxPerX)
          const y = 100 - value
          all.push(x, y)
          ends.set(x, [ends.get(x)?.[0] ?? y, y])
        })
        expect(columnsOf(trace.xy, trace.runs, trace.length)).toEqual(columnsOf(all, all.length ? [0] : [], all.length))
        const joined = new Map<number, [number, number]>()
        for (let at = 0; at < trace.length; at += 2) {
          joined.set(trace.xy[at], [joined.get(trace.xy[at])?.[0] ?? trace.xy[at + 1], trace.xy[at + 1]])
        }
        expect(joined).toEqual(ends)
      },
    ),
    { numRuns: 60 },
  )
})

test('extremes of any stretch are those of a scan, however long the column', () => {
  const values = Float64Array.from({ length: 30_000 }, (_, i) => (i % 7 === 0 ? n : Math.sin(i * 1.7) * i))
  fc.assert(
    fc.property(fc.nat(29_999), fc.nat(29_999), (a, b) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)]
      const present = [...values.subarray(from, to + 1)].filter((value) => !Number.isNaN(value))
      findExtremes(values, from, to)
      expect([low, high]).toEqual([
        present.reduce((x, y) => Math.min(x, y), Number.POSITIVE_INFINITY),
        present.reduce((x, y) => Math.max(x, y), Number.NEGATIVE_INFINITY),
      ])
    }),
    { numRuns: 60 },
  )
})

test('only the window is read, with one point beyond each edge', () => {
  const times = Array.from({ length: 20_000 }, (_, i) => i)
  const { points } = traced(times, times, { from: 100, to: 104, gapMs: 1e9 })
  expect(points.filter((_, i) => i % 2 === 0)).toEqual([109, 110, 111, 112, 113, 114, 115])
})
