/** A day without a collector: memory stays within its bound, and not one call of a metric is lost. */
import { Kind } from '@telltale/protocol'
import { expect, it } from 'vitest'
import { SdkClient } from '../client.js'
import { FakePlatform, unreachable } from '../testing/fake-platform.js'
import { coarserStepMs } from './coarsening.js'
import { MemoryQueue } from './queue.js'

/** 1000 is what programs use; the default keeps the suite short. */
const flushIntervalMs = Number(process.env.TELLTALE_OUTAGE_INTERVAL_MS ?? 10_000)
const dayMs = 86_400_000
const series = 40

it('metrics of 24 hours wait in coarser steps, and arrive whole', async () => {
  const platform = new FakePlatform()
  const queue = new MemoryQueue(flushIntervalMs >= 10_000 ? 4 * 1024 * 1024 : 16 * 1024 * 1024)
  const client = new SdkClient(Object.assign(platform, { createQueue: () => queue }), {
    logger: false,
    flushIntervalMs,
  })
  platform.behave = unreachable
  let calls = 0
  let mostBytes = 0
  for (let atMs = 0; atMs < dayMs; atMs += flushIntervalMs) {
    for (let i = 0; i < series; i++) {
      client.counter('jobs').add(1, { i })
      client.histogram('ms').record(1 + ((calls * 7919) % 1000), { i: i % 4 })
      calls++
    }
    await platform.clock.advance(flushIntervalMs)
    mostBytes = Math.max(mostBytes, queue.bytes)
  }
  expect(client.stats()).toEqual({ recorded: calls * 2, acked: 0, rejected: 0, buffered: calls * 2, dropped: {} })
  expect(queue.fill).toBeGreaterThan(0.5)
  expect(mostBytes).toBeLessThanOrEqual(flushIntervalMs >= 10_000 ? 4 * 1024 * 1024 : 16 * 1024 * 1024)

  platform.behave = (batch) => platform.store(batch)
  await platform.clock.advance(120_000)
  await client.flush()
  expect(client.stats()).toEqual({ recorded: calls * 2, acked: calls * 2, rejected: 0, buffered: 0, dropped: {} })
  let sum = 0
  let count = 0
  let lastMs = 0
  for (const { points, histograms, series: table } of platform.stored.values()) {
    for (const value of points?.value ?? []) sum += value
    for (const value of histograms?.bucketCount ?? []) count += value
    expect(table.every(({ kind }) => kind === Kind.counter || kind === Kind.histogram)).toBe(true)
    if (points === undefined) continue
    // Steps are coarse, but they neither overlap nor leave a gap.
    expect(points.startMs).toBeGreaterThanOrEqual(lastMs)
    lastMs = points.endMs
  }
  expect([sum, count]).toEqual([calls, calls])
  await client.close()
}, 600_000)

it('what waits is merged before anything is lost, the finest first, and gauges keep their last level', async () => {
  const platform = new FakePlatform()
  const client = new SdkClient(platform, { logger: false, maxQueueBytes: 65_536 })
  platform.behave = unreachable
  let calls = 0
  const seconds = 600
  for (let second = 0; second < seconds; second++) {
    for (let i = 0; i < 10; i++) {
      client.counter('jobs').add(2, { i })
      client.histogram('ms').record(1 + (calls % 500), { i: i % 2 })
      client.gauge('depth').set(second, { i })
      calls += 3
    }
    // Whoever flushes himself gets no coarser steps: what waits must make the room.
    client.flush()
    await platform.clock.advance(1000)
  }
  expect(client.stats()).toEqual({ recorded: calls, acked: 0, rejected: 0, buffered: calls, dropped: {} })

  platform.behave = (batch) => platform.store(batch)
  await platform.clock.advance(120_000)
  await client.flush()
  expect(client.stats()).toEqual({ recorded: calls, acked: calls, rejected: 0, buffered: 0, dropped: {} })
  expect(platform.stored.size).toBeLessThan(seconds / 2)
  let sum = 0
  let count = 0
  let total = 0
  let lastMs = 0
  const last = new Map<string, number>()
  for (const { points, histograms, samples, series, strings } of platform.stored.values()) {
    for (const value of points?.value ?? []) sum += value
    for (const value of histograms?.bucketCount ?? []) count += value
    for (const value of histograms?.sum ?? []) total += value
    samples?.series.forEach((ref: number, i: number) => {
      last.set(series[ref].attributes.map((one) => strings[one]).join(), samples.value[i])
    })
    if (points === undefined) continue
    expect(points.startMs).toBeGreaterThanOrEqual(lastMs)
    expect(points.endMs - points.startMs).toBeLessThanOrEqual(900_000)
    lastMs = points.endMs
  }
  expect(sum).toBe(seconds * 10 * 2)
  expect(count).toBe(seconds * 10)
  let expected = 0
  for (let call = 0; call < calls; call += 3) expected += 1 + (call % 500)
  expect(total).toBe(expected)
  expect([...last.values()]).toEqual(Array.from({ length: 10 }, () => seconds - 1))
  await client.close()
})

it('the step grows with the queue', () => {
  expect([0, 0.24, 0.25, 0.5, 0.75, 0.9, 2].map(coarserStepMs)).toEqual([
    0, 0, 10_000, 60_000, 300_000, 900_000, 900_000,
  ])
})
