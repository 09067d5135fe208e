/** Merging, removing and rolling up segments: what fails, what crashes, and what old folders hold. */
import { cpSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { Kind } from '@telltale/protocol'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SegmentRecord } from '../journal/index.js'
import { type PickOptions, pickMerge } from './compaction.js'
import { createEngine, type EngineOptions } from './engine.js'
import type { Store } from './store.js'
import { batch, eventRow, histogramColumns, replay, type Sample, T0, taskRow } from './testing/batches.js'
import { differences, ModelStore } from './testing/model.js'
import { keepForever, newFolder, removeFolder } from './testing/places.js'
import { aggregateRequest, mixedKind, SERIES } from './testing/requests.js'

const DAY_MS = 86_400_000
const SEALS = 3

let folder: string
let dataDir: string
let stores: Store[]
let warned: string[]

beforeEach(() => {
  folder = newFolder()
  dataDir = join(folder, 'data')
  stores = []
  warned = []
})

afterEach(async () => {
  for (const store of stores) await store.close()
  removeFolder(folder)
})

async function open(options: Partial<EngineOptions> = {}): Promise<Store> {
  const log = (level: string, message: string) => {
    if (level === 'warn' || level === 'error') warned.push(message)
  }
  const store = createEngine({ dataDir, threads: 1, memoryLimitMb: 256, retention: keepForever, log, ...options })
  stores.push(store)
  await store.open(replay)
  return store
}

const batches = Array.from({ length: SEALS }, (_, sequence) => {
  const samples = Array.from({ length: 60 }, (_, i): Sample => [1 + (i % 8), T0 + i * 400_000 + sequence * 7, i])
  const histograms = histogramColumns([
    { series: 7, timeMs: T0 + sequence * 1000, sum: 9, min: 1, max: 5, buckets: [[131_100, 2 + sequence]] },
    { series: 8, timeMs: T0 + 3_700_000, sum: 4, min: 4, max: 4, buckets: [[131_136, 1]] },
  ])
  const rows = {
    tasks: [taskRow({ id: `t${sequence}` })],
    events: [eventRow({ id: `e${sequence}` })],
  }
  return batch({ sequence, samples, columns: { histograms, ...rows }, kind: mixedKind })
})

async function fill(store: Store): Promise<ModelStore> {
  const model = new ModelStore()
  for (const one of batches) {
    model.append(one)
    await store.append(one)
    await store.seal()
  }
  return model
}

async function expectEverything(store: Store, model: ModelStore): Promise<void> {
  for (const kind of [Kind.gauge, Kind.histogram]) {
    for (const stepMs of [1000, 60_000, 300_000, 3_600_000, DAY_MS]) {
      const request = aggregateRequest({ kind, stepMs, series: SERIES.filter((id) => mixedKind(id) === kind) })
      expect(differences(await store.aggregate(request), model.aggregate(request))).toEqual([])
    }
  }
  for (const i of batches.keys()) expect((await store.task(1, `t${i}`))?.id).toBe(`t${i}`)
}

function filesByTable(path = dataDir): Record<string, number> {
  const files: Record<string, number> = {}
  const root = join(path, 'segments')
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (!statSync(join(root, name)).isFile()) continue
    const table = name.split('/')[1]!
    files[table] = (files[table] ?? 0) + 1
  }
  return files
}

const oneEach = {
  ...{ samples: 1, hist: 1, sketch: 1, tasks: 1, events: 1 },
  ...{ r1m: 1, r5m: 1, r1h: 1, r1d: 1, k1m: 1, k1h: 1, k1d: 1 },
}

const mergeSteps = [
  ...['copy', 'fsync', 'rename', 'renamed', 'folder', 'checksum'].map((step) => `compact.${step}`),
  'manifest.begin',
  'manifest.end',
]

describe('compaction', () => {
  it('leaves a closed day one file a table, and nothing to do', async () => {
    const store = await open()
    const model = await fill(store)
    await store.maintain()
    expect(filesByTable()).toEqual(oneEach)
    await expectEverything(store, model)
    const { compactionsTotal, tables } = await store.stats()
    expect(compactionsTotal).toBe(12)
    expect(tables).toContainEqual(expect.objectContaining({ table: 'samples', segments: 1, rows: SEALS * 60 }))
    // Partials of one bucket have been added up.
    expect(tables).toContainEqual(expect.objectContaining({ table: 'r1d', rows: 8 }))
    await store.maintain()
    expect((await store.stats()).compactionsTotal).toBe(12)
    await store.close()
    await expectEverything(await open(), model)
  })

  it.each(mergeSteps)('that fails at %s leaves everything as it was, and the next one succeeds', async (step) => {
    let broken = false
    const probe = (at: string) => {
      if (broken && at === step) throw Object.assign(new Error('injected'), { code: 'ENOSPC' })
    }
    const store = await open({ probe })
    const model = await fill(store)
    const before = filesByTable()
    broken = true
    await expect(store.maintain()).rejects.toMatchObject({ code: 'storage_full' })
    expect(filesByTable()).toEqual(before)
    await expectEverything(store, model)
    broken = false
    await store.maintain()
    expect(filesByTable()).toEqual(oneEach)
    await expectEverything(store, model)
  })

  it.each([...mergeSteps, 'compact.committed', 'unlink'])('survives a crash at %s', async (step) => {
    const images: string[] = []
    let isMaintaining = false
    const store = await open({
      probe: (at) => {
        if (!isMaintaining || at !== step || images.length === 2) return
        const path = join(folder, `image-${images.length}`)
        cpSync(dataDir, path, { recursive: true })
        images.push(path)
      },
    })
    const model = await fill(store)
    isMaintaining = true
    await store.maintain()
    expect(images).toHaveLength(2)
    for (const path of images) {
      const after = await open({ dataDir: path })
      await expectEverything(after, model)
      await after.maintain()
      await expectEverything(after, model)
      expect(filesByTable(path)).toEqual(oneEach)
      expect((await after.verify()).failures).toEqual([])
      await after.close()
    }
    expect(warned).toEqual([])
  })

  it('joins large files that follow each other as they are, and adds up the partials of a bucket in both', async () => {
    const store = await open()
    const model = new ModelStore()
    for (const half of [0, 1]) {
      const samples = Array.from({ length: 50_000 }, (_, i): Sample => {
        return [1 + (i % 8), T0 + half * 7_000_000 + Math.floor(i / 8) * 1000 + (i % 997), (i % 100) / 10]
      })
      const one = batch({ sequence: half, samples, kind: mixedKind })
      model.append(one)
      await store.append(one)
      await store.seal()
    }
    await store.maintain()
    const { tables } = await store.stats()
    expect(tables).toContainEqual(expect.objectContaining({ table: 'samples', segments: 1, rows: 100_000 }))
    expect(tables).toContainEqual(expect.objectContaining({ table: 'r1d', segments: 1, rows: 8 }))
    for (const stepMs of [60_000, 3_600_000]) {
      const request = aggregateRequest({
        stepMs,
        endMs: T0 + DAY_MS,
        series: SERIES.filter((id) => mixedKind(id) === Kind.gauge),
      })
      expect(differences(await store.aggregate(request), model.aggregate(request))).toEqual([])
    }
    expect((await store.verify()).failures).toEqual([])
  })

  it('is stopped by closing, in the middle of a merge', async () => {
    const store = await open()
    const model = await fill(store)
    const maintained = store.maintain().catch((error: unknown) => error)
    await store.close()
    await maintained
    await expectEverything(await open(), model)
  })

  const record = (parts: Partial<SegmentRecord>): SegmentRecord => ({
    ...{ file: '', project: 1, table: 'samples', day: 100, seqFrom: 1, seqTo: 1, rows: 1, bytes: 1000 },
    ...{ minTimeMs: 0, maxTimeMs: 0, minSeries: 0, maxSeries: 0, crc32: 0, createdMs: 0, schemaVersion: 1 },
    rolledUp: 1,
    ...parts,
  })
  const noon: PickOptions = { nowMs: 100.5 * DAY_MS, maxBytes: 1e9, quietMs: 0 }

  it('never leaves an open day with more than 32 files, and rewrites each row a few times at most', () => {
    let live: SegmentRecord[] = []
    const seals = 2000
    let rewritten = 0
    for (let i = 0; i < seals; i++) {
      live.push(record({ file: String(i), bytes: 100_000 }))
      for (let merge = pickMerge(live, noon); merge !== undefined; merge = pickMerge(live, noon)) {
        const bytes = merge.reduce((sum, { bytes }) => sum + bytes, 0)
        rewritten += bytes
        live = [...live.filter((one) => !merge!.includes(one)), record({ bytes })]
      }
      expect(live.length).toBeLessThanOrEqual(32)
    }
    expect(rewritten / (seals * 100_000)).toBeLessThan(5)
  })

  it('waits until a closed day is quiet, and keeps apart what differs', () => {
    const two = [record({ createdMs: 101.5 * DAY_MS }), record({})]
    const later: PickOptions = { ...noon, nowMs: 101.5 * DAY_MS + 1000, quietMs: 60_000 }
    expect(pickMerge(two, later)).toBeUndefined()
    expect(pickMerge(two, { ...later, nowMs: later.nowMs + 60_000 })).toHaveLength(2)
    for (const other of [{ project: 2 }, { table: 'hist' as const }, { day: 99 }, { rolledUp: 0 as const }]) {
      expect(pickMerge([record({}), record(other)], { ...later, quietMs: 0 })).toBeUndefined()
    }
    expect(pickMerge([record({}), record({})], { ...later, quietMs: 0, maxBytes: 1999 })).toBeUndefined()
  })
})

describe('retention', () => {
  it('removes whole files by the age of their newest row, each resolution by its own rule', async () => {
    const store = await open()
    const model = await fill(store)
    await store.close()
    const sinceT0 = Date.now() - T0
    const short = await open({ retention: { ...keepForever, rawMs: sinceT0 - 2 * DAY_MS, '1mMs': sinceT0 } })
    await short.maintain()
    const { samples, hist, sketch, ...kept } = oneEach
    expect(samples + hist + sketch).toBe(3)
    expect(filesByTable()).toEqual(kept)
    expect((await short.stats()).retentionFilesTotal).toBe(3 * SEALS)
    const hourly = aggregateRequest({ stepMs: 3_600_000, series: SERIES.slice(0, 5), want: { sum: true } })
    const answer = await short.aggregate(hourly)
    expect(answer.resolution).toBe('1h')
    expect(answer.count.reduce((a, b) => a + b)).toBe(
      [...model.aggregate(hourly).values()].reduce((sum, { count }) => sum + count, 0),
    )
    await short.close()
    const shorter = await open({ retention: { ...keepForever, eventsMs: 0, '1mMs': 0, '5mMs': 0, '1hMs': 0 } })
    await shorter.maintain()
    expect(filesByTable()).toEqual({ samples: undefined, r1d: 1, k1d: 1 })
  })
})

describe('a folder of the first storage version', () => {
  /** Takes away what that version did not have. */
  function downgrade(): void {
    const db = new Database(join(dataDir, 'journal.db'))
    db.exec(`
      DELETE FROM segments WHERE table_name GLOB '[rk]1[mhd]' OR table_name = 'r5m';
      ALTER TABLE segments DROP COLUMN rolled_up;
      ALTER TABLE segments DROP COLUMN dropped;
      ALTER TABLE journal_damaged DROP COLUMN reason;
      ALTER TABLE segments DROP COLUMN check32;
      ALTER TABLE series DROP COLUMN check32;
      ALTER TABLE streams DROP COLUMN check32;
      DELETE FROM meta WHERE key = 'check';
      UPDATE meta SET value = 1 WHERE key = 'schema_version';
    `)
    for (const { seq, payload } of db.prepare<[], { seq: number; payload: Buffer }>('SELECT * FROM journal').all()) {
      db.prepare('UPDATE journal SET crc32 = ? WHERE seq = ?').run(crc32(payload), seq)
    }
    db.close()
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(dataDir, `manifest.db${suffix}`), { force: true })
  }

  it('is read raw, joined by new rows with rollups, until its rollups are built', async () => {
    const store = await open()
    const model = await fill(store)
    await store.close()
    downgrade()
    const upgraded = await open()
    expect(Object.keys(filesByTable()).sort()).toEqual(['events', 'hist', 'samples', 'sketch', 'tasks'])
    await expectEverything(upgraded, model)
    const late = batch({
      sequence: 9,
      samples: [[7, T0 + 5, 3] as const, [1, T0 + DAY_MS, 2] as const],
      kind: mixedKind,
    })
    model.append(late)
    await upgraded.append(late)
    await expectEverything(upgraded, model)
    await upgraded.seal()
    await expectEverything(upgraded, model)
    await upgraded.maintain()
    expect(filesByTable()).toMatchObject({ r1m: 2, r1h: 1, k1h: 1 })
    await expectEverything(upgraded, model)
    const daily = aggregateRequest({ stepMs: DAY_MS, series: SERIES.slice(0, 5), want: {} })
    expect((await upgraded.aggregate(daily)).resolution).toBe('1d')
  })

  it.each(['migrate.1', 'migrate.2', 'migrate.3', 'migrate.4', 'migrate.end', 'migrate.committed'])(
    'is as it was, or brought up to date, after a kill at %s',
    async (step) => {
      const store = await open()
      const model = await fill(store)
      const unsealed = batch({ sequence: 50, samples: [[1, T0 + 7, 3]] })
      model.append(unsealed)
      await store.append(unsealed)
      await store.close()
      downgrade()
      const image = join(folder, 'image')
      const probe = (at: string) => {
        if (at === step) cpSync(dataDir, image, { recursive: true })
      }
      await expectEverything(await open({ probe }), model)
      const after = await open({ dataDir: image })
      await expectEverything(after, model)
      expect(await after.verify()).toMatchObject({ journalEntries: 1, failures: [] })
    },
  )

  it.each(['rollup.renamed', 'rollup.checksum', 'manifest.end', 'rollup.committed'])(
    'survives a crash at %s while they are built',
    async (step) => {
      const store = await open()
      const model = await fill(store)
      await store.close()
      downgrade()
      const image = join(folder, 'image')
      let taken = false
      const upgraded = await open({
        probe: (at) => {
          if (taken || at !== step) return
          taken = true
          cpSync(dataDir, image, { recursive: true })
        },
      })
      await upgraded.maintain()
      await expectEverything(upgraded, model)
      const after = await open({ dataDir: image })
      await expectEverything(after, model)
      await after.maintain()
      await expectEverything(after, model)
      expect(filesByTable(image)).toEqual(oneEach)
    },
  )
})
