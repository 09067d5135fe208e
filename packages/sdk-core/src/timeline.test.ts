/** Unix times of one client: right as soon as may be, and never out of order. */
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from './testing/fake-clock.js'
import { Timeline } from './timeline.js'

let clock: FakeClock
let timeline: Timeline

beforeEach(() => {
  clock = new FakeClock()
  timeline = new Timeline(clock)
})

/** An acknowledgement from a collector whose clock shows `aheadMs` more than ours, `tripMs` under way. */
function acknowledge(aheadMs: number, tripMs = 10): void {
  const sentMs = clock.nowMs
  clock.nowMs += tripMs
  timeline.measure(clock.wallMs() - tripMs / 2 + aheadMs, sentMs, clock.nowMs)
}

const error = () => timeline.toUnixMs(clock.nowMs) - clock.wallMs()

describe('the collector’s clock', () => {
  it('is not followed for half a second, or for what the trip may explain', () => {
    acknowledge(400)
    acknowledge(-450)
    acknowledge(3000, 4000)
    expect([error(), timeline.skewMs]).toEqual([0, 0])
  })

  it('moves a clock that is behind forward at once', () => {
    acknowledge(90_000)
    expect([error(), timeline.skewMs]).toEqual([90_000, 90_000])
    clock.nowMs += 5000
    expect(error()).toBe(90_000)
  })

  it('slows a clock that is ahead until it is right', () => {
    acknowledge(-10_000)
    expect(error()).toBe(0)
    clock.nowMs += 10_000
    expect(error()).toBe(-5000)
    timeline.resync()
    clock.nowMs += 10_000
    expect(error()).toBe(-10_000)
    clock.nowMs += 60_000
    timeline.resync()
    expect(error()).toBe(-10_000)
  })

  it('sets a clock that is far ahead back at once', () => {
    acknowledge(-3_600_000)
    expect(error()).toBe(-3_600_000)
  })

  it('is let go where the machine’s clock is mended', () => {
    acknowledge(90_000)
    clock.wallOffsetMs += 90_000
    acknowledge(0)
    clock.nowMs += 1_000_000
    timeline.resync()
    expect([error(), timeline.skewMs]).toEqual([0, 0])
  })

  it('that makes no sense is ignored', () => {
    for (const collectorMs of [0, -1, Number.NaN]) timeline.measure(collectorMs, 0, 10)
    expect(timeline.skewMs).toBe(0)
  })
})

it('a suspended machine: what comes after it has the time after it', () => {
  timeline.resync()
  clock.nowMs += 300
  clock.wallOffsetMs += 7_200_000
  clock.nowMs += 300
  const woken = clock.nowMs
  clock.nowMs += 400
  timeline.resync()
  expect(timeline.toUnixMs(woken)).toBe(clock.wallMs() - 400)
})

it('never gives a later moment an earlier time, as long as nothing is more than a minute ahead', () => {
  const event = fc.oneof(
    fc.record({ do: fc.constant('wait' as const), ms: fc.nat(20_000) }),
    fc.record({ do: fc.constant('ack' as const), ms: fc.integer({ min: -25_000, max: 25_000 }) }),
    fc.record({ do: fc.constant('step' as const), ms: fc.integer({ min: -5000, max: 5000 }) }),
  )
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      clock = new FakeClock()
      timeline = new Timeline(clock)
      let latestMs = Number.NEGATIVE_INFINITY
      for (const { do: what, ms } of events) {
        if (what === 'wait') clock.nowMs += ms
        else if (what === 'ack') acknowledge(ms)
        else clock.wallOffsetMs += ms
        timeline.resync()
        const unixMs = timeline.toUnixMs(clock.nowMs)
        expect(unixMs).toBeGreaterThanOrEqual(latestMs - 1e-3)
        latestMs = unixMs
      }
    }),
    { numRuns: 300 },
  )
})
