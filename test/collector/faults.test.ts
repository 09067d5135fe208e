/** What survives: kill -9 in the midst of ingest, restarts, and orderly stops. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Kind } from '@telltale/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { postJson, sampleBatch, sendBatch, sumOf, type Target } from '../support/batches.js'
import { CollectorProcess } from '../support/collector.js'

const kills = Number(process.env.TELLTALE_KILLS ?? 20)
const senders = 4
const rowsInBatch = 20

const running: CollectorProcess[] = []

async function start(flags: string[] = []): Promise<{ collector: CollectorProcess; target: Target }> {
  const collector = await CollectorProcess.start(flags)
  running.push(collector)
  return { collector, target: { url: collector.url, key: await collector.createKey('admin') } }
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((collector) => collector.dispose()))
})

describe('kill -9', () => {
  it(`loses nothing acknowledged and doubles nothing, ${kills} times in a row`, {
    timeout: kills * 20_000,
  }, async () => {
    const { collector, target } = await start()
    const totals = { acked: 0, duplicates: 0 }
    const control = new AbortController()
    const load = Array.from({ length: senders }, () => sendUntil(target, control.signal, totals))
    for (let kill = 0; kill < kills; kill++) {
      await sleep(100 + Math.random() * 200)
      await collector.end('SIGKILL')
      await collector.start()
    }
    control.abort()
    const batches = (await Promise.all(load)).reduce((sum, sent) => sum + sent, 0)
    expect(totals.acked).toBe(batches)
    expect(await sumOf(target, 'faults.rows')).toBe(batches * rowsInBatch)
    const trend = await postJson(target, '/api/v1/events/query', {
      kind: 'trend',
      event: 'faults.batch',
      time_range: { start: 'now-1h', end: 'now+1m' },
    })
    expect((trend.body as { data: { value: number }[] }).data[0].value).toBe(batches)
    expect(batches).toBeGreaterThan(kills)
  })
})

/** Sends batch after batch, each again and again until it is acknowledged; resolves with how many. */
async function sendUntil(
  target: Target,
  signal: AbortSignal,
  totals: { acked: number; duplicates: number },
): Promise<number> {
  const streamId = randomBytes(16)
  for (let sequence = 0; ; sequence++) {
    if (signal.aborted) return sequence
    const rows = Array.from({ length: rowsInBatch }, (_, at) => ({
      metric: 'faults.rows',
      kind: Kind.counter,
      value: 1,
      attributes: { at: String(at), stream: streamId.toString('hex', 0, 2), sequence: String(sequence % 7) },
    }))
    const body = sampleBatch(rows, { streamId, sequence })
    const duplicate = await untilAcked(async () => (await sendBatch(target, body)).ack)
    totals.acked++
    if (duplicate) totals.duplicates++
    const events = { events: [{ name: 'faults.batch' }], batch_id: `${streamId.toString('hex')}-${sequence}` }
    await untilAcked(async () => (await postJson(target, '/api/v1/events', events)).body as { duplicate?: boolean })
  }
}

async function untilAcked(send: () => Promise<{ duplicate?: boolean } | undefined>): Promise<boolean> {
  for (;;) {
    // A refused connection and one that is cut are alike: the sender cannot know, so it sends again.
    const ack = await send().catch(() => undefined)
    if (typeof ack?.duplicate === 'boolean') return ack.duplicate
    await sleep(20)
  }
}

describe('stops', () => {
  it('keeps data, definitions and keys over a restart', async () => {
    const { collector, target } = await start()
    await sendBatch(target, sampleBatch([{ metric: 'kept', kind: Kind.counter, value: 5 }]))
    expect(await collector.end('SIGTERM')).toBe(0)
    await collector.start()
    expect(await sumOf(target, 'kept')).toBe(5)
    await sendBatch(target, sampleBatch([{ metric: 'kept', kind: Kind.counter, value: 2 }]))
    expect(await sumOf(target, 'kept')).toBe(7)
  })

  it('keeps what older settings accepted when they become stricter', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'telltale-config-'))
    const file = join(folder, 'telltale.json')
    writeFileSync(file, '{}')
    const { collector, target } = await start(['--config', file])
    const timeMs = Date.now() - 30 * 60_000
    await sendBatch(target, sampleBatch([{ metric: 'old', kind: Kind.counter, value: 5, timeMs }]))
    await collector.end('SIGKILL')
    writeFileSync(file, JSON.stringify({ ingest: { maxAge: '1m' } }))
    await collector.start()
    expect(await sumOf(target, 'old')).toBe(5)
    const late = await sendBatch(target, sampleBatch([{ metric: 'old', kind: Kind.counter, value: 5, timeMs }]))
    expect(late.error?.code).toBe('all_rows_rejected')
    rmSync(folder, { recursive: true })
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('finishes an open request on %s, then exits with 0', async (signal) => {
    const { collector, target } = await start()
    const body = sampleBatch([{ metric: 'drained', kind: Kind.counter, value: 4 }])
    const socket = connect(collector.port, '127.0.0.1')
    socket.write(
      `POST /v1/ingest HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${target.key}\r\n` +
        `Content-Type: application/x-protobuf\r\nContent-Length: ${body.length}\r\n\r\n`,
    )
    socket.write(body.subarray(0, 10))
    await sleep(200)
    const ended = collector.end(signal)
    await sleep(200)
    socket.write(body.subarray(10))
    const [answer] = await Promise.all([firstChunk(socket), ended.then((code) => expect(code).toBe(0))])
    expect(answer).toMatch(/^HTTP\/1\.1 200 /)
    await collector.start()
    expect(await sumOf(target, 'drained')).toBe(4)
  })

  it('cuts requests that are still open when the drain time is over', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'telltale-config-'))
    const file = join(folder, 'telltale.json')
    writeFileSync(file, JSON.stringify({ drainTimeout: '300ms' }))
    const { collector, target } = await start(['--config', file])
    const socket = connect(collector.port, '127.0.0.1')
    socket.on('error', () => socket.destroy())
    socket.write(
      `POST /v1/ingest HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${target.key}\r\n` +
        'Content-Type: application/x-protobuf\r\nContent-Length: 1000\r\n\r\n',
    )
    await sleep(200)
    expect(await collector.end('SIGTERM')).toBe(0)
    socket.destroy()
    rmSync(folder, { recursive: true })
  })
})

function firstChunk(socket: ReturnType<typeof connect>): Promise<string> {
  return new Promise((resolve, reject) => {
    socket.once('data', (chunk) => resolve(chunk.toString()))
    socket.once('error', reject)
  })
}
