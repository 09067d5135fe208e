/** The spool on a real disk: what it keeps, what it lets go, and that the books hold whatever the disk does. */
import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DecodedBatch, decodeBatch, encodeAck } from '@telltale/protocol'
import { type Clock, createModuleFunctions, type Stats, type TransportResponse } from '@telltale/sdk-core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Client, ClientOptions } from '../index.js'
import { nodePlatform } from '../platform/node.js'
import { decodeRecords } from './record.js'
import { Segment } from './segment.js'

let dir: string
let online: boolean
let refuse: (batch: DecodedBatch) => boolean
/** Batches by id, and how often each came. */
let stored: Map<string, DecodedBatch>
let received: Map<string, number>
let clients: Client[]
let warnings: string[]
let timers: { callback: () => void; delayMs: number }[]

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'telltale-spool-'))
  online = false
  refuse = () => false
  stored = new Map()
  received = new Map()
  clients = []
  warnings = []
  timers = []
})

afterEach(async () => {
  online = true
  await Promise.all(clients.map((client) => client.close()))
  rmSync(dir, { recursive: true, force: true })
})

/** Node's clock, but the timers are ours: a heartbeat comes when a test says so. */
const clock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  schedule(callback, delayMs, hold) {
    if (hold) {
      const timer = setTimeout(callback, delayMs)
      return () => clearTimeout(timer)
    }
    const timer = { callback, delayMs }
    timers.push(timer)
    return () => {
      timers = timers.filter((one) => one !== timer)
    }
  },
}

function fire(delayMs: number): void {
  for (const timer of timers.filter((one) => one.delayMs === delayMs)) {
    timers = timers.filter((one) => one !== timer)
    timer.callback()
  }
}
const beat = () => fire(10_000)

async function post(body: Uint8Array): Promise<TransportResponse> {
  const batch = decodeBatch(body)
  if (!online) throw new Error('offline')
  const id = Buffer.from(batch.batchId).toString('hex')
  received.set(id, (received.get(id) ?? 0) + 1)
  if (refuse(batch)) return { status: 400, retryAfter: undefined, body: new Uint8Array() }
  const duplicate = stored.has(id)
  stored.set(id, batch)
  const { batchId } = batch
  const ack = encodeAck({ batchId, accepted: 0, rejected: [], receivedTimeMs: Date.now(), duplicate })
  return { status: 200, retryAfter: undefined, body: ack }
}

function start(options: ClientOptions = {}): Client {
  const platform = { ...nodePlatform, clock, createTransport: () => ({ post, close: async () => {} }) }
  const client = createModuleFunctions(platform).init({
    spool: { dir },
    flushTimeoutMs: 2000,
    closeTimeoutMs: 0,
    flushOnExit: false,
    logger: { warn: (message) => warnings.push(message) },
    ...options,
  })
  clients.push(client)
  return client
}

/** One batch for each call, on disk and in memory, and none delivered. */
async function record(client: Client, from: number, to: number, text = ''): Promise<void> {
  for (let i = from; i < to; i++) {
    client.track('event', { i, text })
    fire(1000)
  }
  await new Promise((resolve) => setImmediate(resolve))
}

const numbers = () =>
  Array.from(stored.values())
    .flatMap(({ events }) => Array.from(events?.attributes[0].value ?? []))
    .sort((a, b) => a - b)
const upTo = (count: number, from = 0) => Array.from({ length: count - from }, (_, i) => from + i)
const sum = (stats: Stats) =>
  stats.acked + stats.rejected + stats.buffered + Object.values(stats.dropped).reduce((a, b) => a + b, 0)
const files = (ending: string) =>
  readdirSync(dir, { recursive: true }).filter((name) => String(name).endsWith(ending)) as string[]
const bytesOnDisk = () =>
  files('').reduce(
    (bytes, name) => bytes + (statSync(join(dir, name)).isFile() ? statSync(join(dir, name)).size : 0),
    0,
  )

/** As after kill -9 of another process: it is gone, its files and its heartbeat are not. */
function kill(client: Client): void {
  clients = clients.filter((one) => one !== client)
  timers = []
  const pid = Number(execFileSync(process.execPath, ['-p', 'process.pid']))
  for (const file of files('.alive')) {
    const path = join(dir, file)
    const id = 'e'.repeat(16)
    writeFileSync(join(dir, `${id}.alive`), JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), pid }))
    renameSync(path.replace('alive', '0'), join(dir, `${id}.0`))
    rmSync(path)
  }
}

describe('a restart', () => {
  it('sends what the last process left, under the same ids, and each once', async () => {
    const first = start()
    await record(first, 0, 20)
    const ids = new Set<string>()
    // The ids as they lie on disk.
    expect(files('.seg').length).toBe(1)
    await first.close()
    expect(first.stats()).toMatchObject({ recorded: 20, acked: 0, buffered: 20, dropped: {} })

    online = true
    const second = start()
    await second.flush()
    expect(numbers()).toEqual(upTo(20))
    for (const id of received.keys()) ids.add(id)
    expect(ids.size).toBe(20)
    expect(second.stats()).toEqual({ recorded: 20, acked: 20, rejected: 0, buffered: 0, dropped: {} })
    await second.close()
    expect(files('.seg')).toEqual([])
    expect(files('.alive')).toEqual([])

    const third = start()
    await third.flush()
    expect(received.size).toBe(20)
  })

  it('after kill -9 is as good', async () => {
    const first = start()
    await record(first, 0, 20)
    kill(first)
    online = true
    const second = start()
    await second.flush()
    expect(numbers()).toEqual(upTo(20))
    expect(second.stats()).toMatchObject({ recorded: 20, acked: 20 })
  })

  it('does not send what was acknowledged before', async () => {
    const first = start()
    await record(first, 0, 3)
    online = true
    refuse = ({ events }) => events?.attributes[0].value[0] === 1
    // Takes the pause after the failure.
    await first.flush()
    expect(first.stats()).toMatchObject({ acked: 2, rejected: 1 })
    online = false
    await record(first, 3, 5)
    kill(first)
    online = true
    received.clear()
    const second = start()
    await second.flush()
    expect(numbers()).toEqual([0, 2, 3, 4])
    expect(received.size).toBe(2)
  })
})

describe('several clients on one folder', () => {
  it('leave each other alone while they live, and take over from those that ended', async () => {
    const [a, b, c] = [start(), start(), start()]
    await record(a, 0, 10)
    for (const client of [b, c]) client.track('event', { i: 100 })
    beat()
    fire(1000)
    expect(files('.seg').length).toBe(3)
    await a.close()
    beat()
    online = true
    await Promise.all([b.flush(), c.flush()])
    const events = numbers()
    expect(events).toEqual([...upTo(10), 100, 100])
    expect([...received.values()].every((times) => times === 1)).toBe(true)
    const [bs, cs] = [b.stats(), c.stats()]
    expect(bs.acked + cs.acked).toBe(12)
  })

  it('a client that was taken for dead goes on, and counts what it no longer has', async () => {
    const frozen = start({ maxQueueBytes: 65_536 })
    await record(frozen, 0, 30, 'x'.repeat(4000))
    for (const file of files('.alive')) {
      const path = join(dir, file)
      writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), host: 'elsewhere' }))
      utimesSync(path, 1, 1)
    }
    // Another thread or machine: it knows nothing of the clients of this one.
    const claimed = execFileSync(process.execPath, [
      '--input-type=module',
      '-e',
      `
      import { readdirSync, renameSync, unlinkSync } from 'node:fs'
      const dir = ${JSON.stringify(dir)}
      for (const name of readdirSync(dir)) {
        if (name.endsWith('.alive')) unlinkSync(dir + '/' + name)
        else renameSync(dir + '/' + name, dir + '/' + 'f'.repeat(16) + '.0')
      }
      console.log('claimed')`,
    ])
    expect(String(claimed)).toContain('claimed')
    const before = frozen.stats()
    beat()
    const after = frozen.stats()
    expect(sum(after)).toBe(after.recorded)
    expect(after.recorded).toBeGreaterThanOrEqual(before.recorded)
    expect(after.dropped.spool_lost).toBeGreaterThan(0)
    // It has claimed them back, as nobody else is alive.
    online = true
    await frozen.flush()
    expect(new Set(numbers()).size).toBe(30)
    expect(sum(frozen.stats())).toBe(frozen.stats().recorded)
  })
})

describe('damage', () => {
  it('at the end of a file costs the record that was being written, nothing else', async () => {
    const first = start()
    await record(first, 0, 20)
    await first.close()
    const file = join(dir, files('.seg')[0])
    truncateSync(file, statSync(file).size - 7)
    online = true
    const second = start()
    await second.flush()
    expect(numbers()).toEqual(upTo(19))
  })

  it('in the middle costs one record, wherever it is; garbage at the end nothing', async () => {
    const first = start()
    await record(first, 0, 20)
    await first.close()
    const file = join(dir, files('.seg')[0])
    const bytes = readFileSync(file)
    const recordBytes = bytes.length / 20
    for (let at = 0; at < recordBytes; at += 3) {
      const damaged = Buffer.from(bytes)
      damaged[Math.floor(recordBytes * 7 + at)] ^= 0x81
      const found = Array.from(decodeRecords(Buffer.concat([damaged, Buffer.alloc(50, 0xff)])))
      expect(found.length).toBeGreaterThanOrEqual(18)
      expect(found.length).toBeLessThanOrEqual(19)
    }
    bytes[Math.floor(recordBytes * 7.5)] ^= 1
    writeFileSync(file, bytes)
    appendFileSync(file, Buffer.alloc(50, 0xff))
    online = true
    const second = start()
    await second.flush()
    expect(numbers().length).toBe(19)
    expect(second.stats()).toMatchObject({ recorded: 19, acked: 19 })
  })

  it('of parked batches is counted', async () => {
    const client = start({ maxQueueBytes: 65_536 })
    await record(client, 0, 40, 'x'.repeat(4000))
    for (const name of files('.seg')) writeFileSync(join(dir, name), '')
    online = true
    await client.flush()
    const stats = client.stats()
    expect(stats.dropped.spool_lost).toBeGreaterThan(0)
    expect(stats.acked + stats.dropped.spool_lost).toBe(40)
    expect(sum(stats)).toBe(40)
  })
})

describe('bounds', () => {
  it('past maxBytes the oldest go, and are counted; memory stays small', async () => {
    const client = start({ spool: { dir, maxBytes: 100_000 }, maxQueueBytes: 65_536 })
    for (let i = 0; i < 200; i += 20) {
      await record(client, i, i + 20, 'x'.repeat(1000))
      expect(bytesOnDisk()).toBeLessThanOrEqual(100_000 + 200)
    }
    const { recorded, buffered, dropped } = client.stats()
    expect(recorded).toBe(200)
    expect(dropped.spool_full).toBeGreaterThan(80)
    expect(buffered + dropped.spool_full).toBe(200)
    online = true
    await client.flush()
    expect(numbers()).toEqual(upTo(200, 200 - buffered))
    expect(client.stats()).toMatchObject({ acked: buffered, buffered: 0 })
    expect(warnings.some((one) => one.includes('the spool is full'))).toBe(true)
  })

  it('parked batches come back in order', async () => {
    const client = start({ maxQueueBytes: 65_536 })
    await record(client, 0, 100, 'x'.repeat(4000))
    online = true
    await client.flush()
    const seen = Array.from(stored.values(), ({ events }) => events!.attributes[0].value[0])
    expect(seen).toEqual(upTo(100))
    expect(client.stats()).toEqual({ recorded: 100, acked: 100, rejected: 0, buffered: 0, dropped: {} })
  })

  it('past maxAgeMs batches go, and are counted', async () => {
    const client = start({ spool: { dir, maxAgeMs: 1000 } })
    await record(client, 0, 5)
    await new Promise((resolve) => setTimeout(resolve, 1100))
    beat()
    expect(client.stats()).toMatchObject({ recorded: 5, buffered: 0, dropped: { spool_expired: 5 } })
    await client.flush()
  })

  it('refused rows are set aside for people to look at', async () => {
    const client = start()
    online = true
    refuse = () => true
    client.track('bad')
    await client.flush()
    expect(client.stats()).toMatchObject({ rejected: 1 })
    const [file] = files('.bin')
    expect(decodeBatch(readFileSync(join(dir, file))).strings).toContain('bad')
    expect(readFileSync(join(dir, files('.txt')[0]), 'utf8')).toContain('400')
  })
})

describe('a disk that fails', () => {
  it('a folder that cannot be made: batches wait in memory, with a warning', async () => {
    writeFileSync(join(dir, 'file'), '')
    const client = start({ spool: { dir: join(dir, 'file', 'below') } })
    await record(client, 0, 5)
    expect(warnings.some((one) => one.includes('opening the spool failed'))).toBe(true)
    online = true
    await client.flush()
    expect(client.stats()).toMatchObject({ recorded: 5, acked: 5 })
  })

  it('a folder that goes away and comes back', async () => {
    const client = start()
    await record(client, 0, 5)
    rmSync(dir, { recursive: true })
    beat()
    await record(client, 5, 10)
    expect(files('.seg').length).toBe(1)
    online = true
    await client.flush()
    expect(numbers()).toEqual(upTo(10))
  })

  it('a full disk: nothing throws, what memory holds is delivered, the rest is counted', async () => {
    const full = vi.spyOn(Segment.prototype, 'append').mockImplementation(() => {
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
    })
    const client = start({ maxQueueBytes: 65_536 })
    await record(client, 0, 40, 'x'.repeat(4000))
    const { recorded, buffered, dropped } = client.stats()
    expect(recorded).toBe(40)
    expect(buffered + dropped.queue_full).toBe(40)
    online = true
    await client.flush()
    expect(client.stats()).toMatchObject({ acked: buffered, buffered: 0 })
    expect(warnings.some((one) => one.includes('writing to the spool failed: ENOSPC'))).toBe(true)
    full.mockRestore()
    await record(client, 40, 41)
    await client.flush()
    expect(sum(client.stats())).toBe(41)
  })
})
