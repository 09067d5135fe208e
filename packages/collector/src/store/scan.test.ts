/** Large scans join series with their groups by position, through a table of the connection: the answer is the same. */
import { Kind } from '@telltale/protocol'
import { expect, it } from 'vitest'
import { createEngine } from './engine.js'
import { batch, replay, type Sample, T0 } from './testing/batches.js'
import { keepForever, newFolder, removeFolder } from './testing/places.js'

const ROWS = 320_000
const SERIES = 8
const STEP_MS = 7_000_000

it('of many rows groups right, beside a scan that is cancelled and one after another', async () => {
  const dataDir = newFolder()
  const store = createEngine({ dataDir, threads: 2, memoryLimitMb: 512, retention: keepForever, warmBytes: 0 })
  try {
    await store.open(replay)
    const expected = new Map<string, number>()
    for (let sequence = 0; sequence * 40_000 < ROWS; sequence++) {
      const samples = Array.from({ length: 40_000 }, (_, i): Sample => {
        const at = sequence * 40_000 + i
        const [series, timeMs, value] = [1 + (at % SERIES), T0 + at * 100, at % 1000]
        const cell = `${series % 3}@${T0 + 500 + Math.floor((timeMs - T0 - 500) / STEP_MS) * STEP_MS}`
        expected.set(cell, (expected.get(cell) ?? 0) + value)
        return [series, timeMs, value]
      })
      await store.append(batch({ sequence, samples }))
    }
    await store.seal()
    const series = Uint32Array.from({ length: SERIES }, (_, i) => i + 1)
    const request = {
      ...{ project: 1, kind: Kind.gauge, series, group: series.map((id) => id % 3), timeoutMs: 60_000 },
      // No rollup begins half a second off.
      ...{ startMs: T0 - STEP_MS, endMs: T0 + ROWS * 100, originMs: T0 + 500 - STEP_MS, stepMs: STEP_MS },
      want: { sum: true },
    }
    const cancel = new AbortController()
    const cancelled = store.aggregate(request, cancel.signal)
    cancel.abort()
    await cancelled.catch(() => {})
    for (let round = 0; round < 4; round++) {
      const { rows, group, bucketMs, sum, resolution } = await store.aggregate(request)
      expect(resolution).toBe('raw')
      const found = Array.from({ length: rows }, (_, i) => [`${group[i]}@${bucketMs[i]}`, sum[i]] as const)
      expect(new Map(found)).toEqual(expected)
    }
  } finally {
    await store.close()
    removeFolder(dataDir)
  }
})
