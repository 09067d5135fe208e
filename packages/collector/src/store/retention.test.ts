/** Retention by prefix: whole files where that does, files written anew where series go earlier than their neighbours. */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { commonDropped } from './dropped.js'
import { createEngine, type EngineOptions } from './engine.js'
import { retentionDefaults } from './options.js'
import { RetentionPolicy } from './retention-policy.js'
import type { RetentionRule, Store } from './store.js'
import { batch, eventRow, replay, type Sample, T0 } from './testing/batches.js'
import { keepForever, newFolder, removeFolder } from './testing/places.js'
import { aggregateRequest } from './testing/requests.js'

const DAY_MS = 86_400_000
const DAYS = 4

let folder: string
let dataDir: string
let stores: Store[]

beforeEach(() => {
  folder = newFolder()
  dataDir = join(folder, 'data')
  stores = []
})
afterEach(async () => {
  for (const store of stores) await store.close()
  removeFolder(folder)
})

async function open(options: Partial<EngineOptions> = {}): Promise<Store> {
  const store = createEngine({ dataDir, threads: 1, memoryLimitMb: 256, retention: keepForever, ...options })
  stores.push(store)
  await store.open(replay)
  return store
}

/** Series 1 and 2 are debug.*, 3 is debug.keep, 4 is business.orders: a sample an hour each. */
function rows(sequence: number, fromDay = 0, project = 1) {
  const samples: Sample[] = []
  for (let hour = 0; hour < DAYS * 24; hour++) {
    for (const series of [1, 2, 3, 4]) samples.push([series, T0 + fromDay * DAY_MS + hour * 3_600_000 + sequence, 1])
  }
  const one = batch({ sequence, project, samples, columns: { events: [eventRow({ timeMs: T0 })] } })
  const names = ['debug.a', 'debug.b', 'debug.keep', 'business.orders']
  one.newSeries = one.newSeries.map((def) => ({ ...def, metric: names[def.id - 1]! }))
  return one
}

/** Rows by day, of one series, at one resolution. */
async function days(store: Store, series: number, stepMs = 1000, project = 1): Promise<number[]> {
  const ask = { series: Uint32Array.of(series), group: Uint32Array.of(0), want: {}, project }
  const answer = await store.aggregate(
    aggregateRequest({ ...ask, startMs: T0, endMs: T0 + DAYS * DAY_MS, originMs: T0, stepMs }),
  )
  const found = new Array<number>(DAYS).fill(0)
  for (const [i, bucketMs] of answer.bucketMs.entries())
    found[Math.floor((bucketMs - T0) / DAY_MS)]! += answer.count[i]!
  return found
}

/** So old that exactly the first n days are. */
const beyond = (n: number) => Date.now() - T0 - n * DAY_MS - 1000
const whole = [48, 48, 48, 48]

async function filled(options: Partial<EngineOptions> = {}): Promise<Store> {
  const store = await open(options)
  for (const sequence of [0, 1]) {
    await store.append(rows(sequence))
    await store.seal()
  }
  return store
}

describe('a rule for a prefix', { timeout: 60_000 }, () => {
  it('takes its series out of files that others stay in, at its resolutions alone', async () => {
    const store = await filled()
    await store.retain([
      { prefix: 'debug.', keep: { rawMs: beyond(2) } },
      { prefix: 'debug.keep', keep: { rawMs: 1e14 } },
    ])
    await store.maintain()
    expect(await days(store, 1)).toEqual([0, 0, 48, 48])
    expect(await days(store, 2)).toEqual([0, 0, 48, 48])
    expect([await days(store, 3), await days(store, 4)]).toEqual([whole, whole])
    // Rollups have a rule of their own.
    expect(await days(store, 1, DAY_MS)).toEqual(whole)
    const { retentionRewritesTotal, retentionFilesTotal } = await store.stats()
    expect([retentionRewritesTotal, retentionFilesTotal]).toEqual([4, 0])
    // Once done it is done, also for the next process.
    await store.maintain()
    expect((await store.stats()).retentionRewritesTotal).toBe(4)
    await store.close()
    const again = await open({ retentionRules: [{ prefix: 'debug.', keep: { rawMs: beyond(2) } }] })
    expect(await days(again, 3)).toEqual(whole)
    await again.maintain()
    // What had been carved out is governed by the shorter prefix now.
    expect(await days(again, 3)).toEqual([0, 0, 48, 48])
    expect((await again.verify()).failures).toEqual([])
  })

  it('keeps its series for longer than the default', async () => {
    const rule = { prefix: 'business.', keep: { rawMs: 1e14 } }
    const store = await filled({ retention: { ...keepForever, rawMs: beyond(1) }, retentionRules: [rule] })
    await store.maintain()
    expect(await days(store, 4)).toEqual(whole)
    expect(await days(store, 1)).toEqual([0, 48, 48, 48])
    // Without the rule the file goes as a whole.
    await store.retain([])
    await store.maintain()
    expect(await days(store, 4)).toEqual([0, 48, 48, 48])
    expect((await store.stats()).retentionFilesTotal).toBeGreaterThan(0)
  })

  it('is of one project where it names one, and then goes before one of all', async () => {
    const store = await filled()
    await store.append(rows(0, 0, 2))
    await store.seal()
    await store.retain([
      { prefix: '', keep: { rawMs: beyond(1) } },
      { project: 2, prefix: '', keep: { rawMs: beyond(3), eventsMs: 0 } },
    ])
    await store.maintain()
    expect(await days(store, 1)).toEqual([0, 48, 48, 48])
    expect(await days(store, 1, 1000, 2)).toEqual([0, 0, 0, 24])
    expect((await store.stats()).tables?.find(({ table }) => table === 'events')?.segments).toBe(1)
  })

  it('finds rows that come late, and rows that were merged with others', async () => {
    const store = await filled()
    const rule = { prefix: 'debug.', keep: { rawMs: beyond(2), '1hMs': beyond(2), '1dMs': beyond(2) } }
    await store.retain([rule])
    await store.maintain()
    await store.append(rows(2))
    await store.seal()
    expect(await days(store, 1)).toEqual([24, 24, 72, 72])
    await store.maintain()
    expect(await days(store, 1)).toEqual([0, 0, 72, 72])
    expect(await days(store, 4)).toEqual([72, 72, 72, 72])
    await store.maintain()
    const { retentionRewritesTotal } = await store.stats()
    await store.maintain()
    expect((await store.stats()).retentionRewritesTotal).toBe(retentionRewritesTotal)
  })

  it.each([
    'retention.copy',
    'retention.renamed',
    'retention.checksum',
    'manifest.end',
    'retention.committed',
    'unlink',
  ])('survives a kill at %s', { timeout: 60_000 }, async (step) => {
    const images: string[] = []
    let armed = false
    const probe = (at: string) => {
      if (!armed || at !== step || images.length > 1) return
      images.push(join(folder, `image-${images.length}`))
      cpSync(dataDir, images.at(-1)!, { recursive: true })
    }
    const store = await filled({ probe })
    const rules: RetentionRule[] = [{ prefix: 'debug.', keep: { rawMs: beyond(2) } }]
    armed = true
    await store.retain(rules)
    await store.maintain()
    expect(images.length).toBeGreaterThan(0)
    for (const image of images) {
      const after = await open({ dataDir: image })
      // Either the file as it was or the one without them.
      for (const count of await days(after, 1)) expect([0, 24, 48]).toContain(count)
      expect(await days(after, 4)).toEqual(whole)
      await after.retain(rules)
      await after.maintain()
      expect(await days(after, 1)).toEqual([0, 0, 48, 48])
      expect(await days(after, 4)).toEqual(whole)
      expect((await after.verify()).failures).toEqual([])
    }
  })
})

describe('RetentionPolicy', () => {
  const metrics = new Map([
    ['a.x', [1, 3]],
    ['a.b.x', [2]],
    ['c', [4]],
  ])
  const policy = (...rules: RetentionRule[]) =>
    new RetentionPolicy(retentionDefaults, rules, () => ({ count: 4, metrics }))

  it('has the longest prefix decide, resolution by resolution', () => {
    const one = policy({ prefix: 'a.', keep: { rawMs: 1, '1hMs': 2 } }, { prefix: 'a.b.', keep: { rawMs: 3 } })
    const keeps = (level: 'rawMs' | '1hMs') => one.classes(1, level)?.map(({ series, keepMs }) => [[...series], keepMs])
    expect(keeps('rawMs')).toEqual([
      [[1, 3], 1],
      [[2], 3],
      [[4], retentionDefaults.rawMs],
    ])
    expect(keeps('1hMs')).toEqual([
      [[1, 2, 3], 2],
      [[4], retentionDefaults['1hMs']],
    ])
    expect(one.classes(1, '1dMs')).toBeUndefined()
  })

  it('gives a class another key when something is carved out of it', () => {
    const keys = (...rules: RetentionRule[]) =>
      policy(...rules)
        .classes(1, 'rawMs')
        ?.map(({ key }) => key)
    const a = { prefix: 'a.', keep: { rawMs: 1 } }
    const [alone] = keys(a)!
    const [carved] = keys(a, { prefix: 'a.b.', keep: { rawMs: 2 } })!
    expect(alone).not.toBe(carved)
  })
})

it('takes for dropped from a merged file what was dropped from all of its inputs', () => {
  const of = (dropped: Record<string, number>) => ({ dropped: JSON.stringify(dropped) })
  expect(commonDropped([of({ a: 5, b: 7 }), of({ a: 3 })])).toBe('{"a":3}')
  expect(commonDropped([of({ a: 5 }), {}])).toBe('')
})
