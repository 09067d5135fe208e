/** Delivery as the collector sees it: each row of the status table, outages, bounds. */
import type { DecodedBatch } from '@telltale/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SdkClient } from '../client.js'
import type { ClientOptions } from '../options.js'
import { settle } from '../testing/fake-clock.js'
import { answer, FakePlatform, silence, unreachable } from '../testing/fake-platform.js'

let platform: FakePlatform
let client: SdkClient

function start(options: ClientOptions = {}): void {
  client = new SdkClient(platform, { logger: platform.logger, ...options })
}

const idOf = (batch: DecodedBatch) => Buffer.from(batch.batchId).toString('hex')

beforeEach(() => {
  platform = new FakePlatform()
})

afterEach(async () => {
  platform.behave = (batch) => platform.store(batch)
  const closed = client.close()
  await platform.clock.advance(10_000)
  await closed
})

describe('a collector that does not answer', () => {
  it('gets the same batches, under the same ids, once it is back, and each once', async () => {
    start()
    platform.behave = unreachable
    for (let second = 0; second < 90; second++) {
      client.counter('jobs').add(1)
      client.track('tick', { second })
      await platform.clock.advance(1000)
    }
    const attempted = new Set(platform.requests.map(idOf))
    // Only the probe is tried, again and again, ever less often.
    expect(platform.requests.length).toBeLessThan(40)
    expect(client.stats()).toMatchObject({ recorded: 180, acked: 0 })
    platform.behave = (batch) => platform.store(batch)
    await platform.clock.advance(31_000)
    expect(client.stats()).toEqual({ recorded: 180, acked: 180, rejected: 0, buffered: 0, dropped: {} })
    for (const id of attempted) expect(platform.stored.has(id)).toBe(true)
    const seconds = Array.from(platform.stored.values(), (batch) => batch.events?.attributes[0].value[0])
    expect(seconds.filter((one) => one !== undefined).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 90 }, (_, i) => i),
    )
    let jobs = 0
    for (const { points } of platform.stored.values()) jobs += points?.value[0] ?? 0
    expect(jobs).toBe(90)
    expect(platform.warnings.filter((one) => one.includes('cannot be reached')).length).toBeLessThanOrEqual(3)
  })

  it('costs bounded memory: the oldest are dropped and counted', async () => {
    start({ maxQueueBytes: 65_536 })
    platform.behave = unreachable
    for (let i = 0; i < 100; i++) {
      client.track('big', { i, text: `${i}`.padEnd(4000, 'x') })
      await platform.clock.advance(1000)
    }
    const { buffered, dropped } = client.stats()
    expect(buffered).toBeLessThan(17)
    expect(buffered).toBeGreaterThan(10)
    expect(dropped).toEqual({ queue_full: 100 - buffered })
    platform.behave = (batch) => platform.store(batch)
    await platform.clock.advance(31_000)
    const kept = Array.from(platform.stored.values(), (batch) => batch.events?.attributes[0].value[0] ?? -1)
    // The newest survive, save that the oldest may have been on the wire.
    expect(kept.filter((i) => i >= 0 && i < 100 - buffered).length).toBeLessThanOrEqual(1)
    // What is lost is told with the next batch.
    client.track('last')
    await client.flush()
    const reported = Array.from(platform.stored.values()).flatMap((batch) => batch.drops.map((drop) => drop.count))
    expect(reported.reduce((a, b) => a + b, 0)).toBe(dropped.queue_full)
  })

  it('is given up on after requestTimeoutMs, and tried again', async () => {
    start({ requestTimeoutMs: 2000 })
    platform.behave = (_batch, _bytes, signal) => silence(signal)
    client.track('a')
    await platform.clock.advance(2900)
    expect(platform.requests.length).toBe(1)
    expect(platform.warnings).toEqual([])
    await platform.clock.advance(200)
    expect(platform.warnings[0]).toContain('no answer within 2000 ms')
    platform.behave = (batch) => platform.store(batch)
    await platform.clock.advance(2000)
    expect(client.stats().acked).toBe(1)
    expect(idOf(platform.requests[1])).toBe(idOf(platform.requests[0]))
    expect(platform.requests[1].sentTimeMs).toBeGreaterThan(platform.requests[0].sentTimeMs)
  })

  it('has at most eight requests in flight', async () => {
    start()
    platform.behave = (_batch, _bytes, signal) => silence(signal)
    for (let i = 0; i < 9; i++) {
      client.track('a')
      await platform.clock.advance(1000)
    }
    expect(platform.requests.length).toBe(8)
  })
})

describe('statuses', () => {
  it('400: the batch is refused and not sent again', async () => {
    start()
    platform.behave = () => answer(400, undefined, '{"error":{"code":"malformed_batch","message":"bad"}}')
    for (let i = 0; i < 3; i++) {
      client.track('a')
      await client.flush()
    }
    await platform.clock.advance(120_000)
    expect(platform.requests.length).toBe(3)
    expect(client.stats()).toMatchObject({ recorded: 3, rejected: 3, buffered: 0 })
    expect(platform.warnings).toEqual(['telltale: the collector refused a batch: 400 malformed_batch: bad'])
  })

  for (const [status, hint] of [
    [401, 'apiKey'],
    [403, 'apiKey'],
    [404, 'endpoint'],
    [405, 'endpoint'],
    [302, 'endpoint'],
    [204, 'endpoint'],
  ] as const) {
    it(`${status}: data is kept, one request a minute asks again, one warning tells`, async () => {
      start()
      platform.behave = () => answer(status)
      client.track('a')
      await platform.clock.advance(59_000)
      client.track('a')
      expect(platform.requests.length).toBe(1)
      await platform.clock.advance(60_500)
      expect(platform.requests.length).toBe(2)
      expect(client.stats()).toMatchObject({ recorded: 2, buffered: 2 })
      expect(platform.warnings.length).toBe(1)
      expect(platform.warnings[0]).toContain(hint)
      platform.behave = (batch) => platform.store(batch)
      await platform.clock.advance(60_000)
      expect(client.stats()).toMatchObject({ acked: 2, buffered: 0 })
    })
  }

  it('200 without an acknowledgement counts as a wrong address', async () => {
    start()
    platform.behave = () => answer(200, undefined, '<html>hello</html>')
    client.track('a')
    await platform.clock.advance(30_000)
    expect(platform.requests.length).toBe(1)
    expect(client.stats()).toMatchObject({ acked: 0, buffered: 1 })
    expect(platform.warnings[0]).toContain('endpoint')
  })

  for (const status of [429, 503]) {
    it(`${status}: Retry-After is honoured, in seconds and as a date`, async () => {
      start()
      platform.behave = () => answer(status, '7')
      client.track('a')
      await platform.clock.advance(1000)
      void client.flush()
      await platform.clock.advance(6500)
      expect(platform.requests.length).toBe(1)
      platform.behave = () => answer(status, new Date(platform.clock.wallMs() + 20_000).toUTCString())
      await platform.clock.advance(18_000)
      expect(platform.requests.length).toBe(2)
      platform.behave = (batch) => platform.store(batch)
      await platform.clock.advance(5000)
      expect(client.stats()).toMatchObject({ acked: 1 })
    })
  }

  for (const status of [408, 500, 502, 504, 503]) {
    it(`${status} without Retry-After: backoff with jitter, and again`, async () => {
      start()
      platform.behave = () => answer(status)
      client.track('a')
      await platform.clock.advance(1400)
      expect(platform.requests.length).toBe(1)
      await platform.clock.advance(60_000)
      expect(platform.requests.length).toBeGreaterThan(3)
      expect(platform.requests.length).toBeLessThan(40)
      platform.behave = (batch) => platform.store(batch)
      await platform.clock.advance(30_000)
      expect(client.stats()).toMatchObject({ acked: 1 })
    })
  }

  it('a batch that the collector stumbles over does not stop the others', async () => {
    start()
    platform.behave = (batch) => (batch.strings.includes('poison') ? answer(500) : platform.store(batch))
    client.track('poison')
    await platform.clock.advance(1000)
    for (let i = 0; i < 5; i++) {
      client.track('fine')
      await platform.clock.advance(30_000)
    }
    await platform.clock.advance(31_000)
    expect(client.stats()).toMatchObject({ acked: 5, buffered: 1 })
  })

  it('413: the batch is halved until it passes; a single row that does not is dropped', async () => {
    start()
    platform.behave = (batch) => {
      const rows = batch.events?.count ?? 0
      return rows > 3 || batch.strings.includes('huge') ? answer(413) : platform.store(batch)
    }
    for (let i = 0; i < 10; i++)
      client.track(i === 4 ? 'huge' : 'event', { i, 'user.id': `u${i}`, odd: i % 2 ? true : null })
    await client.flush()
    expect(client.stats()).toEqual({ recorded: 10, acked: 9, rejected: 0, buffered: 0, dropped: { too_large: 1 } })
    const seen: string[] = []
    for (const batch of platform.stored.values()) {
      const { events, strings } = batch
      if (events === undefined) continue
      const i = events.attributes.find((column) => strings[column.key] === 'i')
      const odd = events.attributes.find((column) => strings[column.key] === 'odd')
      for (let row = 0; row < events.count; row++) {
        const isOdd = odd !== undefined && (odd.row === undefined || odd.row.includes(row))
        seen.push(`${strings[events.user?.[row] ?? 0]} ${i?.value[row]} ${isOdd}`)
      }
      // Halves carry only the strings that they need.
      expect(strings.filter((text) => /^u\d$/.test(text)).length).toBe(events.count)
    }
    expect(seen.sort()).toEqual([0, 1, 2, 3, 5, 6, 7, 8, 9].map((i) => `u${i} ${i} ${i % 2 === 1}`))
    const sequences = platform.requests.map((batch) => `${batch.streamId} ${batch.sequence}`)
    expect(new Set(sequences).size).toBe(sequences.length)
  })

  it('413: halves of metrics keep series, values and calls together', async () => {
    start()
    platform.behave = (batch) => (batch.series.length > 1 ? answer(413) : platform.store(batch))
    for (let i = 1; i <= 3; i++) {
      for (let calls = 0; calls < i; calls++) {
        client.counter('c').add(10, { i })
        client.histogram('h').record(i * 100, { i })
      }
      client.gauge('g').set(i, { i })
    }
    await client.flush()
    expect(client.stats()).toEqual({ recorded: 15, acked: 15, rejected: 0, buffered: 0, dropped: {} })
    const seen = Array.from(platform.stored.values(), ({ strings, series, points, histograms, samples }) => {
      const [one] = series
      const value = points?.value[0] ?? histograms?.sum[0] ?? samples?.value[0]
      return `${strings[one.name]} ${one.attributes.map((ref) => strings[ref]).join('=')} ${value}`
    })
    expect(seen.sort()).toEqual([
      'c i=1 10',
      'c i=2 20',
      'c i=3 30',
      'g i=1 1',
      'g i=2 2',
      'g i=3 3',
      'h i=1 100',
      'h i=2 400',
      'h i=3 900',
    ])
  })
})

describe('poison', () => {
  it('400: a batch is cut until only the rows at fault are refused', async () => {
    start()
    platform.behave = (batch) => (batch.strings.includes('bad') ? answer(400) : platform.store(batch))
    for (let i = 0; i < 1000; i++) client.track(i === 321 ? 'bad' : 'good')
    await client.flush()
    expect(client.stats()).toEqual({ recorded: 1000, acked: 999, rejected: 1, buffered: 0, dropped: {} })
    expect(platform.requests.length).toBeLessThan(25)
  })

  it('400 for everything does not multiply the requests', async () => {
    start()
    platform.behave = () => answer(400)
    for (let i = 0; i < 5000; i++) client.track('bad')
    await client.flush()
    expect(client.stats()).toMatchObject({ recorded: 5000, rejected: 5000, buffered: 0 })
    expect(platform.requests.length).toBeLessThan(80)
    const before = platform.requests.length
    for (let i = 0; i < 100; i++) client.track('bad')
    await client.flush()
    expect(platform.requests.length).toBe(before + 1)
  })

  it('a batch that the collector fails at again and again, taking others meanwhile, is given up', async () => {
    start()
    platform.behave = (batch) => (batch.strings.includes('bane') ? answer(500) : platform.store(batch))
    client.track('bane')
    await platform.clock.advance(1000)
    for (let i = 0; i < 30; i++) {
      client.track('fine')
      await platform.clock.advance(31_000)
    }
    expect(client.stats()).toEqual({ recorded: 31, acked: 30, rejected: 0, buffered: 0, dropped: { poison: 1 } })
    expect(platform.warnings.some((one) => one.includes('given up'))).toBe(true)
  })

  it('an outage is nobody’s fault, however long', async () => {
    start()
    platform.behave = () => answer(500)
    for (let i = 0; i < 100; i++) {
      client.track('fine')
      await platform.clock.advance(31_000)
    }
    expect(client.stats()).toMatchObject({ recorded: 100, buffered: 100, dropped: {} })
  })
})

it('parts of a cut batch keep away from the sequence of those that wait', async () => {
  start({ maxBatchRows: 4 })
  platform.behave = unreachable
  for (let i = 0; i < 40; i++) client.track('a', { i })
  await platform.clock.advance(2000)
  const stream = (batch: DecodedBatch) => Buffer.from(batch.streamId).toString('hex')
  const main = stream(platform.requests[0])
  platform.behave = (batch) => ((batch.events?.count ?? 0) > 3 ? answer(413) : platform.store(batch))
  await platform.clock.advance(60_000)
  expect(client.stats()).toMatchObject({ acked: 40 })
  for (const batch of platform.stored.values()) expect(stream(batch)).not.toBe(main)
})

describe('a machine whose clock is wrong', () => {
  const times = () =>
    Array.from(platform.stored.values())
      .flatMap(({ events, strings }) =>
        Array.from(events?.timeMs ?? [], (timeMs, row) => ({ timeMs, name: strings[events!.name[row]] })),
      )
      .sort((a, b) => Number(a.name) - Number(b.name))
      .map(({ timeMs }) => timeMs)

  it('sends right times from the first acknowledgement on, for what waits too', async () => {
    start({ maxBatchRows: 1 })
    platform.collectorAheadMs = 5 * 60_000
    const hold: (() => void)[] = []
    platform.behave = (batch) => new Promise((resolve) => hold.push(() => resolve(platform.store(batch))))
    // Eight are in flight with the wrong time; two wait.
    for (let i = 0; i < 10; i++) client.track(`${i}`)
    const wrongMs = platform.clock.wallMs()
    await settle()
    for (const release of hold.splice(0)) release()
    await settle()
    for (const release of hold.splice(0)) release()
    await settle()
    expect(times()).toEqual([...Array(8).fill(wrongMs), ...Array(2).fill(wrongMs + 5 * 60_000)])
    platform.behave = (batch) => platform.store(batch)
    client.track('10')
    await client.flush()
    expect(times()[10]).toBe(platform.clock.wallMs() + 5 * 60_000)
  })

  it('never puts later events before earlier ones while it is set back', async () => {
    start()
    platform.collectorAheadMs = -20_000
    for (let i = 0; i < 100; i++) {
      client.track(`${i}`)
      await platform.clock.advance(1000)
    }
    const seen = times()
    expect(seen.length).toBe(100)
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
    const lastMs = platform.clock.wallMs() - 1000
    expect(Math.abs(seen[99] - (lastMs - 20_000))).toBeLessThanOrEqual(1)
  })
})

describe('flush and close', () => {
  it('flush waits for an answer', async () => {
    start()
    let release: () => void = () => {}
    platform.behave = (batch) => new Promise((resolve) => (release = () => resolve(platform.store(batch))))
    client.track('a')
    let flushed = false
    const flush = client.flush().then(() => (flushed = true))
    await settle()
    expect(flushed).toBe(false)
    release()
    await flush
    expect(client.stats().acked).toBe(1)
  })

  it('flush waits for the halves of a batch that was too large', async () => {
    start()
    platform.behave = (batch) => ((batch.events?.count ?? 0) > 1 ? answer(413) : platform.store(batch))
    for (let i = 0; i < 8; i++) client.track('a')
    await client.flush()
    expect(client.stats().acked).toBe(8)
  })

  it('flush ends at its deadline', async () => {
    start({ flushTimeoutMs: 3000 })
    platform.behave = (_batch, _bytes, signal) => silence(signal)
    client.track('a')
    let flushed = false
    void client.flush().then(() => (flushed = true))
    await platform.clock.advance(2900)
    expect(flushed).toBe(false)
    await platform.clock.advance(200)
    expect(flushed).toBe(true)
    expect(client.stats().buffered).toBe(1)
  })

  it('flush cuts our own wait short, and does not wait for one that outlasts it', async () => {
    start()
    platform.behave = () => answer(500)
    client.track('a')
    await platform.clock.advance(1000)
    platform.behave = (batch) => platform.store(batch)
    await client.flush()
    expect(client.stats().acked).toBe(1)
    platform.behave = () => answer(401)
    client.track('b')
    await client.flush()
    expect(client.stats().buffered).toBe(1)
  })

  it('close gives up at its deadline and counts what is left; twice is once', async () => {
    start({ closeTimeoutMs: 500 })
    platform.behave = (_batch, _bytes, signal) => silence(signal)
    client.track('a')
    const first = client.close()
    expect(client.close()).toBe(first)
    await platform.clock.advance(600)
    await first
    expect(client.stats()).toEqual({ recorded: 1, acked: 0, rejected: 0, buffered: 0, dropped: { close_timeout: 1 } })
    client.track('late')
    await client.flush()
    expect(client.stats().dropped).toEqual({ close_timeout: 1, closed: 1 })
    expect(platform.transportClosed).toBe(true)
    expect(platform.exitTargets.size).toBe(0)
    expect(platform.clock.timers).toBe(0)
  })
})
