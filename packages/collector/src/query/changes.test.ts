import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Changes } from './changes.js'
import { type Observation, samples } from './testing/fixtures.js'

const all = Uint32Array.of(1, 2, 3)

function noted(...batches: Observation[][]): Changes {
  const changes = new Changes()
  for (const [i, batch] of batches.entries()) changes.note(1, i + 1, samples(batch))
  return changes
}

it('knows nothing of other projects, of older batches and of later times', () => {
  const changes = noted([[1, 5_000, 0]], [[2, 9_000, 0]])
  expect(changes.hasChanged(2, 0, 1e9, all)).toBe(false)
  expect(changes.hasChanged(1, 2, 1e9, all)).toBe(false)
  expect(changes.hasChanged(1, 1, 9_000, all)).toBe(false)
  expect(changes.hasChanged(1, 1, 9_001, all)).toBe(true)
  expect(changes.hasChanged(1, 0, 5_001, all)).toBe(true)
})

it('knows which series were touched', () => {
  const changes = noted([[1, 5_000, 0]], [[2, 5_000, 0]])
  expect(changes.hasChanged(1, 1, 1e9, Uint32Array.of(1, 3))).toBe(false)
  expect(changes.hasChanged(1, 1, 1e9, Uint32Array.of(2))).toBe(true)
  expect(changes.hasChanged(1, 0, 1e9, Uint32Array.of(70_000))).toBe(false)
  changes.note(1, 3, samples([[70_000, 5_000, 0]]))
  expect(changes.hasChanged(1, 2, 1e9, Uint32Array.of(70_000))).toBe(true)
})

it('counts batches without points', () => {
  const changes = noted([])
  expect(changes.seqOf(1)).toBe(1)
  expect(changes.hasChanged(1, 0, 1e9, all)).toBe(false)
})

it('never calls a changed range unchanged, however many batches come', () => {
  const batch = fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 20_000_000 })), {
    minLength: 1,
    maxLength: 3,
  })
  fc.assert(
    fc.property(
      fc.array(batch, { maxLength: 12 }),
      // Data in order: more steps than are kept.
      fc.constantFrom(0, 6_000),
      fc.nat(12),
      fc.nat(20_000_000),
      fc.subarray([1, 2, 3]),
      (batches, inOrder, since, endMs, series) => {
        const changes = new Changes()
        let seq = 0
        for (; seq < inOrder; seq++) changes.note(1, seq + 1, samples([[9, seq * 2_000, 0]]))
        for (const rows of batches)
          changes.note(1, ++seq, samples(rows.map(([id, timeMs]) => [id, timeMs, 0] as const)))
        const wasChanged = batches
          .slice(since)
          .some((rows) => rows.some(([id, timeMs]) => timeMs < endMs && series.includes(id)))
        const isSaid = changes.hasChanged(1, inOrder + since, endMs, Uint32Array.from(series))
        if (wasChanged) expect(isSaid).toBe(true)
        // Late by more than the grain, of a series that nobody touched: no reason to doubt.
        if (series.length === 0) expect(isSaid).toBe(false)
      },
    ),
    { numRuns: 200 },
  )
})
