/** The SDK against a collector that is killed, stopped, frozen and restarted, over and over: its books match the collector's. */
import { setTimeout as sleep } from 'node:timers/promises'
import { init, type Stats } from '@telltale/sdk-node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postJson, sumOf, type Target } from '../support/batches.js'
import { CollectorProcess } from '../support/collector.js'

const rounds = Number(process.env.TELLTALE_SOAK_ROUNDS ?? 60)

let collector: CollectorProcess
let target: Target
beforeAll(async () => {
  collector = await CollectorProcess.start()
  target = { url: collector.url, key: await collector.createKey('admin') }
})
afterAll(() => collector?.dispose())

/** What can befall a collector; each leaves it running. */
const troubles: (() => Promise<void>)[] = [
  async () => {
    await collector.end('SIGKILL')
    await sleep(Math.random() * 1500)
    await collector.start()
  },
  async () => {
    await collector.end('SIGTERM')
    await collector.start()
  },
  async () => {
    collector.freeze()
    await sleep(Math.random() * 3000)
    collector.thaw()
  },
]

test(`${rounds} outages: what was acknowledged is there once, and nothing is unaccounted for`, async () => {
  const client = init({
    endpoint: target.url,
    apiKey: target.key,
    service: 'soak',
    flushIntervalMs: 100,
    logger: false,
  })
  const calls = client.counter('soak.calls')
  const latency = client.histogram('soak.latency', { unit: 'ms' })
  let tasks = 0
  let goesOn = true
  const load = (async () => {
    while (goesOn) {
      for (let i = 0; i < 50; i++) {
        calls.add(1)
        latency.record(Math.random() * 100)
      }
      client.withTaskMetrics('soak.task', () => undefined)
      tasks += 1
      await sleep(2)
    }
  })()

  for (let round = 0; round < rounds; round++) {
    await sleep(200 + Math.random() * 800)
    await troubles[round % troubles.length]()
  }
  goesOn = false
  await load
  await client.flush()

  const { recorded, acked, rejected, buffered, dropped }: Stats = client.stats()
  expect({ rejected, buffered, dropped }).toEqual({ rejected: 0, buffered: 0, dropped: {} })
  expect(acked).toBe(recorded)
  expect(recorded).toBe(tasks * 101)
  expect(await sumOf(target, 'soak.calls')).toBe(tasks * 50)
  expect(await count('soak.latency')).toBe(tasks * 50)
  expect(await count('task.execution.duration')).toBe(tasks)
  await client.close()

  // And all of it is still there after one more kill.
  await collector.end('SIGKILL')
  await collector.start()
  expect(await sumOf(target, 'soak.calls')).toBe(tasks * 50)
})

async function count(metric: string): Promise<number> {
  const { body } = await postJson(target, '/api/v1/metrics/query', {
    metric_name: metric,
    aggregation: 'count',
    time_range: { start: 'now-12h', end: 'now+1m' },
  })
  return (body as { data: { value: number }[] }).data[0].value
}
