/** A client that applies every frame holds what a query over the same buckets answers, however the data came. */
import type { DataRow as DataRowSchema } from '@telltale/protocol/api'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { z } from 'zod'
import { axisOf, describeStep, resolveStep } from '../query/buckets.js'
import { sampleStepMs } from '../query/execute.js'
import { bench, reader } from '../query/testing/fixtures.js'
import { aggregationsOf, fills, metricOf, observations, record, subjects } from '../query/testing/questions.js'
import { minuteMs, parseDurationMs } from '../query/time.js'
import { zoneOf } from '../query/zone.js'
import { createHub } from './hub.js'
import { FakeSocket } from './testing/fake-socket.js'

/** Three minutes before clocks go forward in New York. */
const sceneStart = Date.UTC(2026, 2, 8, 6, 57)
const sceneMs = 4 * minuteMs
/** A tick of every interval, after the last load. */
const now = sceneStart + sceneMs + 65_000

type DataRow = z.infer<typeof DataRowSchema>

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const scene = fc
  .constantFrom(...subjects)
  .chain((subject) =>
    fc.record({
      subject: fc.constant(subject),
      aggregation: fc.constantFrom(...aggregationsOf[subject]),
      observed: observations(sceneMs),
      /** Which batch each observation travels in, and when batches arrive. */
      batches: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 60, maxLength: 60 }),
      arrivalsMs: fc.array(fc.integer({ min: 0, max: sceneMs + 10_000 }), { minLength: 6, maxLength: 6 }),
      subscribeMs: fc.integer({ min: 0, max: sceneMs }),
      step: fc.constantFrom(undefined, '5s', '1m', '30m', '1d', 'auto'),
      range: fc.constantFrom('1m', '10m', '1h'),
      timeZone: fc.constantFrom('UTC', 'America/New_York'),
      fill: fc.constantFrom(...fills),
      isGrouped: fc.boolean(),
      limit: fc.constantFrom(undefined, undefined, 1, 2),
      interval: fc.constantFrom('live', '1s', '5s'),
      encoding: fc.constantFrom('rows', 'columns'),
      loadMs: fc.constantFrom(0, 30, 14_000),
      queueMs: fc.constantFrom(0, 30, 14_000),
    }),
  )
  // Levels without a step are sampled at moments that depend on the range.
  .filter(
    ({ subject, step, aggregation }) => step !== undefined || subject !== 'upDownCounter' || aggregation === 'last',
  )
  .filter(({ subject, step, aggregation }) => step !== undefined || subject !== 'successRate' || aggregation === 'avg')

it('gives the numbers of a query', async () => {
  await fc.assert(
    fc.asyncProperty(scene, async (asked) => {
      const { subject, aggregation, observed, batches, arrivalsMs, subscribeMs, step, range, fill, isGrouped } = asked
      vi.setSystemTime(sceneStart)
      const setting = bench(sceneStart)
      const { ask, index, store, service } = setting
      const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
      // A store whose reads look at different times, and answer late.
      store.queue = () => wait(store.requests.length % 2 === 0 ? asked.loadMs : asked.queueMs)
      store.gate = () => wait(asked.loadMs)
      const hub = createHub({ planner: service, now: Date.now, authenticate: async () => reader })
      const socket = new FakeSocket()
      const client = new Client()

      const selection = {
        metric_name: metricOf(subject),
        aggregation: aggregation as 'avg',
        group_by: isGrouped ? ['host'] : [],
        step: step as '5s' | undefined,
        time_zone: asked.timeZone,
        fill,
        limit: asked.limit,
      }
      const events = arrivalsMs.map((atMs, batch) => ({
        atMs,
        run: () => {
          // Ingest refuses what is too far ahead of the clock.
          const own = observed.filter((one, i) => batches[i] === batch && one.atMs <= atMs + 10 * minuteMs)
          if (own.length === 0) return
          const { columns } = record(index, subject, own, sceneStart)
          hub.publish(1, store.append(1, columns), columns)
        },
      }))
      events.push({
        atMs: subscribeMs,
        run: () => {
          hub.accept(socket.asWebSocket)
          socket.receive({ type: 'auth', token: 't', encoding: asked.encoding })
          socket.receive({ type: 'subscribe', id: 'w', query: { ...selection, range }, interval: asked.interval })
        },
      })
      for (const { atMs, run } of events.sort((a, b) => a.atMs - b.atMs)) {
        await vi.advanceTimersByTimeAsync(sceneStart + atMs - Date.now())
        run()
      }
      await vi.advanceTimersByTimeAsync(now - Date.now())
      for (const frame of socket.of('w')) client.take(frame as unknown as UpdateFrame)

      const rangeMs = parseDurationMs(range)
      const zone = zoneOf(asked.timeZone)
      const cut = resolveStep(step, rangeMs, zone)
      const kept = cut.type === 'none' ? { type: 'fixed' as const, ms: sampleStepMs(rangeMs) } : cut
      const startMs = axisOf({ startMs: now - rangeMs, endMs: now }, kept, zone).edges[0]!
      setting.setNow(now)
      store.queue = async () => {}
      store.gate = async () => {}
      const answer = await ask({
        ...selection,
        step: cut.type === 'none' ? undefined : describeStep(cut)!,
        time_range: { start: startMs, end: now },
      }).catch((error: unknown) => {
        // Nothing has arrived at all.
        expect(error).toMatchObject({ code: 'unknown_metric' })
        return { data: [] }
      })
      // One value slides with its window, and is only told when it changes.
      const isWhole = cut.type === 'none'
      const timed = ({ timestamp, value, tags }: DataRow): Cell => [
        isWhole ? '' : timestamp,
        JSON.stringify(tags),
        value,
      ]
      expectSame(
        client.cells(isWhole ? 0 : startMs, now).map(([time, ...rest]) => [isWhole ? '' : time, ...rest]),
        answer.data.map(timed),
      )
      await Promise.all([hub.close(), vi.advanceTimersByTimeAsync(2_000)])
    }),
    { numRuns: 300, endOnFailure: true },
  )
}, 30_000)

type Cell = [timestamp: string, tags: string, value: number | null]

interface UpdateFrame {
  mode: 'snapshot' | 'delta'
  seq: number
  data?: DataRow[]
  groups: object[]
  group: number[]
  times: number[]
  values: (number | null)[]
}

/** Keeps what frames say, as a page would. */
class Client {
  readonly #values = new Map<string, Map<number, number | null>>()
  readonly #groups: string[] = []
  #seq = 0

  take(frame: UpdateFrame): void {
    expect(frame.seq).toBe(++this.#seq)
    if (frame.mode === 'snapshot') {
      this.#values.clear()
      this.#groups.length = 0
    }
    if (frame.data !== undefined) {
      for (const { timestamp, value, tags } of frame.data) this.#set(JSON.stringify(tags), Date.parse(timestamp), value)
      return
    }
    this.#groups.push(...frame.groups.map((tags) => JSON.stringify(tags)))
    for (const [i, group] of frame.group.entries()) this.#set(this.#groups[group]!, frame.times[i]!, frame.values[i]!)
  }

  /** What is left of the window. */
  cells(fromMs: number, toMs: number): Cell[] {
    const cells: Cell[] = []
    for (const [tags, values] of this.#values) {
      for (const [timeMs, value] of values) {
        if (timeMs >= fromMs && timeMs < toMs) cells.push([new Date(timeMs).toISOString(), tags, value])
      }
    }
    return cells
  }

  #set(tags: string, timeMs: number, value: number | null): void {
    let values = this.#values.get(tags)
    if (values === undefined) {
      values = new Map()
      this.#values.set(tags, values)
    }
    values.set(timeMs, value)
  }
}

function expectSame(actual: Cell[], expected: Cell[]): void {
  const names = (cells: Cell[]) => cells.map(([time, tags]) => `${time} ${tags}`).sort()
  expect(names(actual)).toEqual(names(expected))
  const values = new Map(expected.map(([time, tags, value]) => [`${time} ${tags}`, value]))
  for (const [time, tags, value] of actual) {
    const wanted = values.get(`${time} ${tags}`)!
    if (value === null || wanted === null) expect(value).toBe(wanted)
    else expect(value).toBeCloseTo(wanted, 9)
  }
}
