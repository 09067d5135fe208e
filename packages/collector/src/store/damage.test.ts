/**
 * Bits flip and ends are cut off, anywhere in the journal, the manifest and the segments: storage starts, never gives a wrong
 * number, and counts what is missing.
 */
import { cpSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createEngine } from './engine.js'
import { batch, replay, type Sample, T0 } from './testing/batches.js'
import { keepForever, newFolder, removeFolder } from './testing/places.js'
import { aggregateRequest } from './testing/requests.js'

/** `npm run test:soak` does a thousand. */
const HARMS = Number(process.env.TELLTALE_DAMAGES ?? 24)
const BATCHES = 24
const ROWS = 20

let folder: string
/** As a kill leaves it, with most in the log of the journal; and as a stop does, with all in the database. */
let origins: { path: string; victims: string[] }[]

beforeAll(async () => {
  folder = newFolder()
  const [running, killed] = [join(folder, 'stopped'), join(folder, 'killed')]
  const store = await open(running)
  for (let sequence = 0; sequence < BATCHES; sequence++) {
    await store.append(rowsOf(sequence))
    if (sequence % 6 === 3) await store.seal()
  }
  cpSync(running, killed, { recursive: true })
  await store.close()
  origins = [running, killed].map((path) => {
    const files = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter(
      (name) => statSync(join(path, name)).size > 0,
    )
    const segments = files.filter((name) => name.endsWith('.parquet')).sort()
    const journal = files.filter((name) => /^(journal|manifest)\.db(-wal|\.seq)?$/.test(name)).sort()
    // As many harms of the journal as of all segments.
    return { path, victims: [...segments, ...segments.flatMap((_, i) => journal[i % journal.length]!)] }
  })
})
afterAll(() => removeFolder(folder))

/** Each batch has a millisecond and a value of its own, so that any number tells whose it is. */
function rowsOf(sequence: number) {
  const samples = Array.from({ length: ROWS }, (_, i): Sample => [1 + (i % 8), T0 + sequence, 2 ** sequence])
  return batch({ sequence, samples })
}

async function open(dataDir: string) {
  const store = createEngine({ dataDir, threads: 1, memoryLimitMb: 256, retention: keepForever })
  await store.open(replay)
  return store
}

/** Reproducible: the n-th harm is the same in each run. */
function random(seed: number): () => number {
  let state = seed * 2654435761
  return () => {
    state = Math.imul(state ^ (state >>> 15), state | 1)
    state ^= state + Math.imul(state ^ (state >>> 7), state | 61)
    return ((state ^ (state >>> 14)) >>> 0) / 2 ** 32
  }
}

function harm(dataDir: string, victims: readonly string[], nth: number): string {
  const next = random(nth + 1)
  const victim = victims[Math.floor(next() * victims.length)]!
  const path = join(dataDir, victim)
  const bytes = readFileSync(path)
  const at = Math.floor(next() * bytes.length)
  if (nth % 4 === 3) {
    truncateSync(path, at)
    return `${victim} cut at ${at} of ${bytes.length}`
  }
  const bit = Math.floor(next() * 8)
  bytes[at] ^= 1 << bit
  writeFileSync(path, bytes)
  return `bit ${bit} of byte ${at} of ${victim} flipped`
}

/** What may be seen: all of a batch or nothing of it, at each resolution; and whatever is missing is counted. */
async function check(dataDir: string): Promise<'whole' | 'less'> {
  const store = await open(dataDir)
  try {
    const ask = { startMs: T0, endMs: T0 + BATCHES, originMs: T0, group: new Uint32Array(8), want: { sum: true } }
    const answer = await store.aggregate(aggregateRequest({ ...ask, stepMs: 1 }))
    let rows = 0
    for (const [i, bucketMs] of answer.bucketMs.entries()) {
      expect([answer.count[i], answer.sum[i]]).toEqual([ROWS, ROWS * 2 ** (bucketMs - T0)])
      rows += ROWS
    }
    // Rollups may be whole where raw rows are not, and the other way round: they are files of their own.
    const day = await store.aggregate(
      aggregateRequest({ ...ask, startMs: T0 - 86_400_000, endMs: T0 + 2 * 86_400_000, stepMs: 86_400_000 }),
    )
    const { damagedSegments, damagedEntries = 0 } = await store.stats()
    const lost = damagedSegments + damagedEntries
    expect([...day.count].every((count) => count % ROWS === 0 && count <= BATCHES * ROWS)).toBe(true)
    const isWhole = rows === BATCHES * ROWS && (day.count[0] ?? 0) === BATCHES * ROWS
    if (isWhole) return 'whole'
    expect(lost).toBeGreaterThan(0)
    // Work goes on.
    await store.append(batch({ sequence: 1000, samples: [[1, T0 + 5000, 1]] }))
    await store.seal()
    return 'less'
  } finally {
    await store.close()
  }
}

it(`${HARMS} flipped bits and cut ends give no wrong number`, { timeout: 3_600_000 }, async () => {
  const outcomes = { whole: 0, less: 0 }
  for (let nth = 0; nth < HARMS; nth++) {
    const dataDir = join(folder, `harmed-${nth}`)
    const { path, victims } = origins[nth % origins.length]!
    cpSync(path, dataDir, { recursive: true })
    const what = harm(dataDir, victims, nth >> 1)
    try {
      outcomes[await check(dataDir)]++
    } catch (error) {
      expect.fail(`${what}: ${error instanceof Error ? error.stack : String(error)}`)
    }
    removeFolder(dataDir)
  }
  console.info('damage:', JSON.stringify(outcomes))
  expect(outcomes.less).toBeGreaterThan(HARMS / 8)
})
