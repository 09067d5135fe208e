import { expect, it } from 'vitest'
import { Packer, packBatch, packEntry, unpackBatch, unpackEntry } from './pack.js'
import { batch, eventRow, histogramColumns, T0, taskRow } from './testing/batches.js'

it('brings batches through one buffer unchanged, and leaves the originals alone', () => {
  const rows = [
    {
      series: 1,
      timeMs: T0,
      sum: 3,
      min: 1,
      max: 2,
      buckets: [
        [5, 1],
        [9, 2],
      ] as const,
    },
  ]
  const batches = [
    batch({ sequence: 1, samples: [[1, T0 + 0.5, -1.25]] }),
    batch({ sequence: 2, columns: { histograms: histogramColumns(rows), tasks: [taskRow()], events: [eventRow()] } }),
    batch({ sequence: 3 }),
  ]
  // A view in the middle of a larger buffer, as decoders make them.
  batches[0].payload = new Uint8Array(64).fill(9).subarray(3, 10)
  const packer = new Packer()
  const packed = batches.map((one) => packBatch(packer, one))
  const buffer = packer.finish()
  const received = structuredClone({ packed, buffer }, { transfer: [buffer] })
  expect(received.packed.map((one) => unpackBatch(received.buffer, one))).toEqual(batches)
})

it('sends only the rows that columns own, and journal entries', () => {
  const one = batch({
    samples: [
      [1, T0, 1],
      [2, T0, 2],
    ],
  })
  one.columns.samples!.count = 1
  const packer = new Packer()
  const packed = packBatch(packer, one)
  const entry = { seq: 1, project: 2, receivedMs: T0, payload: Uint8Array.of(1, 2, 3) }
  const packedEntry = packEntry(packer, entry)
  const buffer = packer.finish()
  expect(unpackBatch(buffer, packed).columns.samples?.value).toEqual(Float64Array.of(1))
  expect(unpackEntry(buffer, packedEntry)).toEqual(entry)
})
