/** Sends samples of which each has a tag value that nobody sent before, and looks at what becomes of the collector. */
import { Kind } from '@telltale/protocol'
import { expect } from 'vitest'
import { get, sampleBatch, sendBatch, sumOf, type Target } from './batches.js'
import type { CollectorProcess } from './collector.js'

const tagsInBatch = 1000

export interface Attack {
  tags: number
  /** `ingest.maxSeriesPerMetric` of the collector. */
  cap: number
}

/** The collector must have been started with that cap and hold nothing. */
export async function attack(collector: CollectorProcess, target: Target, { tags, cap }: Attack): Promise<void> {
  const old = async () => {
    const rows = [{ metric: 'attacked', kind: Kind.counter, value: 1, attributes: { page: '/old' } }]
    const { ack } = await sendBatch(target, sampleBatch(rows))
    expect(ack).toMatchObject({ accepted: 1 })
    expect(ack?.folded).toBeUndefined()
  }
  await old()
  let folded = 0
  let settledBytes = 0
  for (let sent = 0; sent < tags; sent += tagsInBatch) {
    const rows = Array.from({ length: tagsInBatch }, (_, at) => ({
      metric: 'attacked',
      kind: Kind.counter,
      value: 1,
      attributes: { 'user.id': `user-${sent + at}`, page: `/p${at % 5}` },
    }))
    const { ack } = await sendBatch(target, sampleBatch(rows))
    expect(ack?.accepted).toBe(tagsInBatch)
    folded += ack?.folded ?? 0
    if (sent === Math.floor(tags / 5 / tagsInBatch) * tagsInBatch) settledBytes = await residentBytes(target)
  }
  await old()
  expect(folded).toBe(tags - (cap - 1))
  expect(await measured(target, 'telltale_ingest_folded_rows_total')).toBe(folded)
  // Four fifths of the attack found every cap reached.
  expect((await residentBytes(target)) - settledBytes).toBeLessThan(300e6)
  for (let restart = 0; restart < 2; restart++) {
    expect(await seriesOf(target)).toBe(cap + 1)
    expect(await sumOf(target, 'attacked')).toBe(tags + 2)
    expect(await sumOfPage(target, '/old')).toBe(2)
    const { body } = await get(target, '/api/v1/metrics/attacked')
    const { keys } = (body as { overflow: { keys: { key: string; distinct: number }[] } }).overflow
    expect(keys[0]?.key).toBe('user.id')
    if (restart === 0) expect(Math.abs(keys[0]!.distinct / tags - 1)).toBeLessThan(0.25)
    await collector.end('SIGKILL')
    await collector.start()
  }
}

async function measured(target: Target, name: string): Promise<number> {
  const text = await (await fetch(`${target.url}/metrics`)).text()
  return Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1])
}

const seriesOf = (target: Target) => measured(target, 'telltale_series')
const residentBytes = (target: Target) => measured(target, 'process_resident_memory_bytes')

async function sumOfPage({ url, key }: Target, page: string): Promise<number | undefined> {
  const response = await fetch(`${url}/api/v1/metrics/query`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      metric_name: 'attacked',
      aggregation: 'sum',
      filters: { page },
      time_range: { start: 'now-12h', end: 'now+1m' },
    }),
  })
  return ((await response.json()) as { data: { value: number }[] }).data[0]?.value
}
