/** A collector on a disk that fills up: refuses, answers, recovers by itself, starts on it, and loses nothing. */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Kind } from '@telltale/protocol'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { get, sampleBatch, sumOf, type Target } from '../support/batches.js'
import { CollectorProcess } from '../support/collector.js'
import { SmallDisk } from '../support/small-disk.js'

let disk: SmallDisk
let collector: CollectorProcess
let target: Target

beforeEach(async () => {
  const mounted = SmallDisk.mount(96)
  if (mounted === undefined) throw new Error('This test fills a tmpfs of its own: run it where mounting is allowed')
  disk = mounted
  collector = await CollectorProcess.start([], { dataDir: join(disk.path, 'data') })
  target = { url: collector.url, key: await collector.createKey('admin') }
})
afterEach(async () => {
  await collector?.dispose()
  disk?.unmount()
})

const streamId = randomBytes(16)
let sequence = 0
let acked = 0

/** About 60 kB each. */
async function send(): Promise<{ status: number; retryAfter: string | null; code?: string }> {
  const rows = Array.from({ length: 300 }, (_, at) => ({
    metric: 'full.rows',
    kind: Kind.counter,
    value: 1,
    attributes: {
      at: String(at),
      noise: randomBytes(80)
        .toString('hex')
        .slice(0, at % 3 === 0 ? 1 : 2),
    },
  }))
  const body = sampleBatch(rows, { streamId, sequence: sequence++ })
  const response = await fetch(`${target.url}/v1/ingest`, {
    method: 'POST',
    body: Buffer.from(body),
    headers: { authorization: `Bearer ${target.key}`, 'content-type': 'application/x-protobuf' },
  })
  if (response.status === 200) acked += rows.length
  const error = response.status === 200 ? undefined : ((await response.json()) as { error: { code: string } }).error
  return { status: response.status, retryAfter: response.headers.get('retry-after'), code: error?.code }
}

async function sendUntil(wanted: number): Promise<Awaited<ReturnType<typeof send>>> {
  for (let tries = 0; tries < 20_000; tries++) {
    const answer = await send()
    if (answer.status === wanted) return answer
    expect([200, 503]).toContain(answer.status)
    if (answer.status === 503) await sleep(100)
  }
  throw new Error(`never answered ${wanted}`)
}

test('503 while it is full, answers all the while, goes on by itself, and starts on a full disk', async () => {
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 50; i++) await send()
    disk.fill(1_000_000)
    const refused = await sendUntil(503)
    expect(refused).toMatchObject({ code: 'storage_full', retryAfter: expect.stringMatching(/^\d+$/) })
    // Reads go on, and so does everything that only looks.
    expect(await sumOf(target, 'full.rows')).toBe(acked)
    expect((await get(target, '/api/v1/metrics/full.rows')).status).toBe(200)
    expect((await fetch(`${target.url}/readyz`)).status).toBe(200)
    expect(await (await fetch(`${target.url}/metrics`)).text()).toContain('telltale_disk_full 1')
    if (round > 0) {
      // Killed on the full disk it starts there, and answers.
      await collector.end('SIGKILL')
      await collector.start()
      expect(await sumOf(target, 'full.rows')).toBe(acked)
    }
    disk.free()
    await sendUntil(200)
    expect(await (await fetch(`${target.url}/metrics`)).text()).toContain('telltale_disk_full 0')
    expect(await sumOf(target, 'full.rows')).toBe(acked)
  }
  await collector.end('SIGKILL')
  await collector.start()
  expect(await sumOf(target, 'full.rows')).toBe(acked)
  expect(await collector.telltale('verify')).toContain('are as they were written')
  expect(existsSync(join(collector.dataDir, 'reserve'))).toBe(true)
})
