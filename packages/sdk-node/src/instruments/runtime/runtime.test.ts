/** The event loop and the garbage collector, as they really are. */
import { createHook } from 'node:async_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Kind } from '@telltale/protocol'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { eventLoopMetrics, gcMetrics, SetupError } from '../../index.js'
import { Recording } from '../../testing/recording.js'

let recording: Recording
beforeEach(async () => {
  recording = await Recording.start()
})
afterEach(() => recording.stop())

it('a blocked event loop shows as delay and as utilization', async () => {
  const stop = eventLoopMetrics({ intervalMs: 100, resolutionMs: 1, client: recording.client })
  await new Promise((resolve) => setTimeout(resolve, 20))
  const max = await recording.until(async () => {
    // More than once: Node begins anew after each reading, and misses a delay that falls into the first tick.
    for (const endMs = performance.now() + 150; performance.now() < endMs; );
    const reading = await recording.reading('nodejs.eventloop.delay.max')
    return reading && Math.max(...reading.values) >= 0.1 ? reading : undefined
  })
  expect(max).toMatchObject({ kind: Kind.gauge, unit: 's' })
  const utilization = await recording.reading('nodejs.eventloop.utilization')
  expect(Math.max(...utilization!.values)).toBeGreaterThan(0)
  expect(Math.max(...utilization!.values)).toBeLessThanOrEqual(1)
  const names = (await recording.readings('nodejs.')).map(({ name }) => name.slice('nodejs.eventloop.'.length))
  expect(names.sort()).toEqual([
    'delay.max',
    'delay.mean',
    'delay.min',
    'delay.p50',
    'delay.p90',
    'delay.p99',
    'utilization',
  ])
  stop()
})

it('garbage collections are counted by type', async () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const stop = gcMetrics({ client: recording.client })
  collectGarbage()
  const major = await recording.until(() => recording.reading('v8js.gc.duration', { 'v8js.gc.type': 'major' }))
  expect(major).toMatchObject({ kind: Kind.histogram, unit: 's' })
  expect(major.values[0]).toBeGreaterThan(0)
  stop()
  collectGarbage()
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect((await recording.reading('v8js.gc.duration', { 'v8js.gc.type': 'major' }))?.count).toBe(major.count)
})

it('instruments that came before init report to the client that comes', async () => {
  const stop = eventLoopMetrics({ intervalMs: 100 })
  await recording.stop()
  recording = await Recording.start()
  await recording.until(() => recording.reading('nodejs.eventloop.utilization'))
  const later = await Recording.start()
  await later.until(() => later.reading('nodejs.eventloop.utilization'))
  stop()
  await later.stop()
})

it('stop leaves no timer, may be called twice, and silences the instrument', async () => {
  const timers = new Set<number>()
  const hook = createHook({
    init(id, type) {
      if (type === 'Timeout') timers.add(id)
    },
    destroy: (id) => timers.delete(id),
  }).enable()
  const stops = [eventLoopMetrics({ intervalMs: 100 }), gcMetrics()]
  expect(timers.size).toBe(1)
  for (const stop of stops) stop()
  for (const stop of stops) stop()
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  hook.disable()
  expect(timers.size).toBe(0)
  const before = (await recording.readings('nodejs.')).length
  await new Promise((resolve) => setTimeout(resolve, 150))
  expect((await recording.readings('nodejs.')).length).toBe(before)
})

it('an option that is wrong is named at once, and nothing else ever throws', () => {
  for (const [options, option] of [
    [{ intervalMs: 0 }, 'intervalMs'],
    [{ intervalMs: '5s' as unknown as number }, 'intervalMs'],
    [{ resolutionMs: 5000 }, 'resolutionMs'],
  ] as const) {
    let thrown: unknown
    try {
      eventLoopMetrics(options)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(SetupError)
    expect(thrown).toMatchObject({ code: 'invalid_option', option })
    expect((thrown as Error).message).toContain('eventLoopMetrics')
  }
  const broken = { ...recording.client, gauge: () => ({ set: () => boom(), with: () => boom() }) }
  const warnings: string[] = []
  eventLoopMetrics({ client: broken as never, logger: { warn: (message) => warnings.push(message) } })()
  expect(warnings).toEqual(['telltale: eventLoopMetrics: reading the event loop failed: Error: boom'])
  function boom(): never {
    throw new Error('boom')
  }
})
