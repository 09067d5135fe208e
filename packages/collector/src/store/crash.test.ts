/** kill -9 at random moments of a writing process: what it had reported as stored is there, once. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createEngine } from './engine.js'
import { replay, T0 } from './testing/batches.js'
import { type Bundle, bundle } from './testing/bundle.js'
import { CRASH_BATCH_SAMPLES, crashBatch } from './testing/crash-child.js'
import { keepForever, newFolder, removeFolder } from './testing/places.js'
import { aggregateRequest } from './testing/requests.js'

const KILLS = Number(process.env.TELLTALE_CRASH_KILLS ?? 5)
const RANGE = 1_000_000

let folder: string
let child: Bundle
let running: ChildProcess | undefined

beforeAll(async () => {
  folder = newFolder()
  child = await bundle(new URL('./testing/crash-child.ts', import.meta.url))
})

afterAll(() => {
  running?.kill('SIGKILL')
  child.remove()
  removeFolder(folder)
})

/** Lets the child write for a while, kills it, and returns what it had acknowledged. */
async function writeAndKill(dataDir: string, first: number): Promise<number[]> {
  const writer = spawn(process.execPath, [child.path, dataDir, String(first)], { stdio: ['ignore', 'pipe', 'inherit'] })
  running = writer
  let output = ''
  const exited = new Promise((resolve) => writer.on('close', resolve))
  const ready = new Promise<void>((resolve) => {
    writer.stdout.on('data', (text: Buffer) => {
      output += text
      if (output.startsWith('ready\n')) resolve()
    })
  })
  await Promise.race([ready, exited])
  await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 600))
  writer.kill('SIGKILL')
  await exited
  running = undefined
  // The last line may be cut.
  return output.split('\n').slice(1, -1).map(Number)
}

it(`loses nothing that was acknowledged and doubles nothing, over ${KILLS} kills`, {
  timeout: KILLS * 20_000,
}, async () => {
  const dataDir = join(folder, 'data')
  const acked = new Set<number>()
  let next = 0
  for (let kill = 0; kill < KILLS; kill++) {
    for (const sequence of await writeAndKill(dataDir, next)) acked.add(sequence)
    const store = createEngine({ dataDir, threads: 1, memoryLimitMb: 256, retention: keepForever })
    await store.open(replay)
    const request = { startMs: T0, endMs: T0 + RANGE, originMs: T0, stepMs: 1, want: { sum: true } }
    const answer = await store.aggregate(aggregateRequest({ ...request, group: new Uint32Array(8) }))
    const stored = new Map([...answer.bucketMs].map((time, i) => [time - T0, answer.count[i]]))
    for (const [sequence, count] of stored) expect([sequence, count]).toEqual([sequence, CRASH_BATCH_SAMPLES])
    // The rollups hold the same rows as the raw segments.
    const total = [...stored.values()].reduce((sum, count) => sum + count, 0)
    const daily = await store.aggregate(aggregateRequest({ startMs: T0, endMs: T0 + RANGE, stepMs: 86_400_000 }))
    expect(daily.count.reduce((sum, count) => sum + count, 0)).toBe(total)
    const lost = [...acked].filter((sequence) => !stored.has(sequence))
    expect(lost).toEqual([])
    // A retry of any of them is recognised, stored or not in segments.
    const last = Math.max(...stored.keys())
    expect((await store.append(crashBatch(last))).duplicate).toBe(true)
    next = last + 1
    await store.close()
  }
  expect(acked.size).toBeGreaterThan(KILLS)
})
