/** What the kernel is asked for, seen from outside: no answer before its fsync; and an fsync that fails. */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Kind } from '@telltale/protocol'
import { afterEach, expect, test } from 'vitest'
import { sampleBatch, sendBatch, sumOf } from '../support/batches.js'
import { CollectorProcess } from '../support/collector.js'
import { Strace } from '../support/strace.js'

let collector: CollectorProcess
let strace: Strace
afterEach(async () => {
  await collector?.dispose()
  strace?.remove()
})

const rowsInBatch = 10
const batchOf = (streamId: Uint8Array, sequence: number) =>
  sampleBatch(
    Array.from({ length: rowsInBatch }, (_, at) => ({
      metric: 'fsync.rows',
      kind: Kind.counter,
      value: 1,
      attributes: { at: String(at) },
    })),
    { streamId, sequence },
  )

/** What matters of the trace, in order. */
type Step = 'request' | 'logged' | 'flushed' | 'answered'

/**
 * `12 pread64(…) = 5` is a whole call; `12 fsync(… <unfinished ...>` and `12 <... fsync resumed>) = 0` one in two parts, of
 * which the second counts: it is when the call came back.
 */
function stepsOf(lines: readonly string[]): Step[] {
  const started = new Map<string, string>()
  const steps: Step[] = []
  for (const line of lines) {
    const [, thread, rest] = /^(\d+)\s+(.*)$/.exec(line) ?? []
    if (thread === undefined || rest === undefined) continue
    if (rest.includes('<unfinished ...>')) {
      started.set(thread, rest)
      // An answer is on its way from the moment in which it is handed over.
      const step = stepOf(rest)
      if (step === 'answered') steps.push(step)
      continue
    }
    const isSecondHalf = rest.startsWith('<...')
    const call = isSecondHalf ? `${started.get(thread) ?? ''} ${rest}` : rest
    const step = stepOf(call)
    if (step === undefined || (step === 'answered' && isSecondHalf)) continue
    if (/= -1 /.test(call)) continue
    steps.push(step)
  }
  return steps
}

function stepOf(call: string): Step | undefined {
  if (/^(read|recvfrom)\(.*<(TCP|socket).*"POST \/v1\/ingest/.test(call)) return 'request'
  if (/^pwrite64\(.*journal\.db-wal>/.test(call)) return 'logged'
  if (/^(fsync|fdatasync)\(.*journal\.db-wal>/.test(call)) return 'flushed'
  if (/^(write|writev|sendto|sendmsg)\(.*<(TCP|socket).*HTTP\/1\.1 200/.test(call)) return 'answered'
  return undefined
}

test('no batch is acknowledged before its bytes were written to the log and flushed', async () => {
  strace = new Strace({
    calls: ['read', 'recvfrom', 'write', 'writev', 'sendto', 'sendmsg', 'pwrite64', 'fsync', 'fdatasync'],
  })
  collector = await CollectorProcess.start([], { under: strace.under })
  const target = { url: collector.url, key: await collector.createKey('admin') }
  const streamId = randomBytes(16)
  const batches = 200
  // One at a time: whatever lies between two answers belongs to the second.
  for (let sequence = 0; sequence < batches; sequence++) {
    expect((await sendBatch(target, batchOf(streamId, sequence))).ack?.accepted).toBe(rowsInBatch)
  }
  await collector.end('SIGTERM')
  await sleep(200)

  let seen: Step[] = []
  let answers = 0
  for (const step of stepsOf(strace.lines())) {
    if (step === 'request') seen = []
    seen.push(step)
    if (step !== 'answered') continue
    const at = (wanted: Step) => seen.indexOf(wanted)
    if (at('request') === -1) continue
    answers++
    expect(
      [at('request') < at('logged'), at('logged') < at('flushed'), at('flushed') < at('answered')],
      seen.join(),
    ).toEqual([true, true, true])
    seen = []
  }
  expect(answers).toBe(batches)
})

test('an fsync that fails fails its senders with 503, and nothing that was acknowledged is lost or doubled', async () => {
  strace = new Strace({ calls: ['fsync'], inject: ['fsync,fdatasync:error=EIO:when=60+7'] })
  collector = await CollectorProcess.start([], { under: strace.under })
  const target = { url: collector.url, key: await collector.createKey('admin') }
  const refusals: string[] = []
  const senders = Array.from({ length: 4 }, async () => {
    const streamId = randomBytes(16)
    for (let sequence = 0; sequence < 60; sequence++) {
      for (;;) {
        const { ack, status, error } = await sendBatch(target, batchOf(streamId, sequence))
        if (ack !== undefined) break
        expect(status).toBe(503)
        refusals.push(error?.code ?? '')
        await sleep(5)
      }
    }
  })
  await Promise.all(senders)
  expect(new Set(refusals)).toEqual(new Set(['storage_unavailable']))
  expect(refusals.length).toBeGreaterThan(5)
  const expected = senders.length * 60 * rowsInBatch
  expect(await sumOf(target, 'fsync.rows')).toBe(expected)
  await collector.end('SIGKILL')
  collector.under = []
  await collector.start()
  expect(await sumOf(target, 'fsync.rows')).toBe(expected)
})
