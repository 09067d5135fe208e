/**
 * Writes until it is killed: appends batches, seals now and then, merges all the time, and prints each sequence number once it is durable.
 * Started by `crash.test.ts` in a process of its own: `node crash-child.mjs DATA_DIR FIRST_SEQUENCE`.
 */
import { writeSync } from 'node:fs'
import { TelltaleError } from '../../errors.js'
import { createEngine } from '../engine.js'
import type { Store } from '../store.js'
import { batch, replay, type Sample, T0 } from './batches.js'
import { keepForever } from './places.js'

/** Samples of each batch; all at the millisecond T0 + sequence, so that a query can count them by batch. */
export const CRASH_BATCH_SAMPLES = 20

const [dataDir, first] = process.argv.slice(2)
if (dataDir !== undefined && first !== undefined) {
  const store = createEngine({ dataDir, threads: 1, memoryLimitMb: 256, sealRows: 2000, retention: keepForever })
  await store.open(replay)
  writeSync(1, 'ready\n')
  const lanes = Array.from({ length: 8 }, (_, lane) => lane)
  void keepMerging(store)
  await Promise.all(
    lanes.map(async (lane) => {
      for (let sequence = Number(first) + lane; ; sequence += lanes.length) {
        await appendPatiently(store, sequence)
        writeSync(1, `${sequence}\n`)
      }
    }),
  )
}

async function keepMerging(store: Store): Promise<never> {
  for (;;) {
    await store.maintain()
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Tries again while the store says that it is busy. */
async function appendPatiently(store: Store, sequence: number): Promise<void> {
  for (;;) {
    try {
      await store.append(crashBatch(sequence))
      return
    } catch (error) {
      if (!(error instanceof TelltaleError) || error.code !== 'overloaded') throw error
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
}

export function crashBatch(sequence: number) {
  const samples = Array.from({ length: CRASH_BATCH_SAMPLES }, (_, i): Sample => [1 + (i % 8), T0 + sequence, sequence])
  return batch({ sequence, samples })
}
