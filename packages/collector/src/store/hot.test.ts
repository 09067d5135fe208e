import { afterEach, beforeEach, expect, it } from 'vitest'
import { Journal } from '../journal/index.js'
import { Duck } from './duck.js'
import { HotRows } from './hot.js'
import { RangeView } from './range-view.js'
import { Segments } from './segments.js'
import { sampleColumns, T0 } from './testing/batches.js'
import { newFolder, removeFolder } from './testing/places.js'

let dataDir: string
let duck: Duck
let journal: Journal
let segments: Segments

beforeEach(async () => {
  dataDir = newFolder()
  duck = await Duck.open({ dataDir, threads: 1, memoryLimitMb: 256 })
  journal = new Journal({ file: `${dataDir}/journal.db` })
  segments = new Segments(dataDir, journal.manifest, () => {})
})

afterEach(() => {
  duck.close()
  journal.close()
  removeFolder(dataDir)
})

const range = { project: 1, startMs: T0, endMs: T0 + 1000 }
const rows = (n: number) => ({ samples: sampleColumns(Array.from({ length: n }, () => [1, T0, 1] as const)) })

it('shows a view the same rows for ever, whatever is flushed after it', async () => {
  const connection = await duck.connect()
  const hot = new HotRows(duck, await duck.connect(), 0)
  const count = async (view: RangeView) => {
    const selects = view.hot('samples', 'ts')
    if (selects.length === 0) return 0
    const result = await connection.run(`SELECT count(*)::DOUBLE FROM (${selects.join(' UNION ALL ')})`)
    return (await result.getRows())[0][0]
  }
  const views: RangeView[] = []
  for (let seq = 1; seq <= 4; seq++) {
    hot.add(seq, 1, rows(seq), 1)
    await hot.flush()
    // Not flushed, and so in nobody's view yet.
    hot.add(seq + 0.5, 1, rows(1), 1)
    views.push(await RangeView.take(hot, segments, range, { duck: ['samples'] }, () => []))
    if (seq === 2) hot.rotate()
  }
  await hot.flush()
  expect(views.map((view) => view.asOf)).toEqual([1, 2, 3, 4])
  expect(await Promise.all(views.map(count))).toEqual([1, 4, 8, 13])
  expect(await count(await RangeView.take(hot, segments, range, { duck: ['samples'] }, () => []))).toBe(14)
})

it('shows the rows of a view where they lie, whatever comes after it', async () => {
  const hot = new HotRows(duck, await duck.connect(), 0)
  const views: RangeView[] = []
  for (let seq = 1; seq <= 4; seq++) {
    // More than the first arrays hold: they are replaced by larger ones meanwhile.
    hot.add(seq, 1, rows(3000 * seq), 1)
    views.push(await RangeView.take(hot, segments, range, { memory: ['samples'] }, () => []))
    if (seq === 2) hot.rotate()
  }
  const seen = views.map((view) => view.pieces('samples').map(({ rows: count }) => count))
  expect(views.map((view) => view.asOf)).toEqual([1, 2, 3, 4])
  expect(seen).toEqual([[3000], [9000], [9000, 9000], [9000, 21_000]])
  for (const { rows: count, columns } of views[1].pieces('samples')) {
    expect([...(columns[0] as Uint32Array).subarray(0, count)].every((series) => series > 0)).toBe(true)
  }
  expect(hot.flushedSeq).toBe(0)
})

it('flushes again what a failed flush left behind, once', async () => {
  const connection = await duck.connect()
  const hot = new HotRows(duck, connection, 0)
  hot.add(1, 1, { ...rows(3), events: [] }, 1)
  const run = connection.run.bind(connection)
  let fail = true
  connection.run = ((sql: string) => {
    if (fail && sql.startsWith('INSERT')) throw new Error('no memory')
    return run(sql)
  }) as typeof connection.run
  await expect(hot.flush()).rejects.toThrow('no memory')
  expect([hot.flushedSeq, hot.views(1, 'samples')]).toEqual([0, []])
  fail = false
  hot.add(2, 1, rows(2), 1)
  await hot.flush()
  expect([hot.flushedSeq, hot.views(1, 'samples').map((view) => view.rows)]).toEqual([2, [5]])
})

it('closes while flushes are under way and others wait', async () => {
  const connection = await duck.connect()
  const hot = new HotRows(duck, connection, 0)
  hot.add(1, 1, rows(20_000), 1)
  const first = hot.flush()
  hot.add(2, 1, rows(20_000), 1)
  const second = hot.flush()
  const outcomes = Promise.allSettled([first, second])
  await hot.close()
  // Would wait for ever if a query on it still waited for rows from this thread.
  connection.closeSync()
  expect(await outcomes).toMatchObject([{ status: 'fulfilled' }, { reason: { code: 'shutting_down' } }])
})
