import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { TableName } from '../journal/index.js'
import { Duck, quote } from './duck.js'
import { logicalColumns, parquetSource, type StoredFile, storedSql } from './stored.js'
import { tables } from './tables.js'
import { newFolder, removeFolder } from './testing/places.js'

let folder: string
let duck: Duck
let connection: DuckDBConnection

beforeEach(async () => {
  folder = newFolder()
  duck = await Duck.open({ dataDir: folder, threads: 1, memoryLimitMb: 256 })
  connection = await duck.connect()
})

afterEach(() => {
  connection.closeSync()
  duck.close()
  removeFolder(folder)
})

async function write(table: TableName, schemaVersion: number, select: string): Promise<StoredFile> {
  const path = join(folder, `${table}-${schemaVersion}.parquet`)
  await connection.run(`COPY (${select}) TO ${quote(path)} (FORMAT parquet)`)
  return { path, table, schemaVersion }
}

/** Rows of the second version are those of the first, a day later. */
async function writeBoth(table: TableName, rows: string, later: string): Promise<StoredFile[]> {
  const spec = tables[table]
  const names = spec.columns.map(({ name }) => `"${name}"`).join(', ')
  const logical = `SELECT 77::UINTEGER AS metric, ${names} FROM (${later})`
  return [
    await write(table, 1, `SELECT ${names} FROM (${rows})`),
    await write(table, 2, `SELECT ${storedSql(spec)} FROM (${logical})`),
  ]
}

const samples = (from: number) =>
  `SELECT (i % 3)::UINTEGER AS series, ${from} + i * 333 AS ts, i / 8 AS value FROM range(10) AS t(i)`

it('reads samples of both versions alike, before 1970 too', async () => {
  const files = await writeBoth('samples', samples(-1500), samples(86_400_000))
  const rows = async (source: string) => {
    const select = `SELECT series, ts::DOUBLE, value FROM ${source} ORDER BY ts`
    return (await connection.run(select)).getRows()
  }
  const expected = await rows(`(${samples(-1500)} UNION ALL ${samples(86_400_000)})`)
  expect(await rows(parquetSource(files)!)).toEqual(expected)
  const wrong = `SELECT ts FROM ${parquetSource(files)} WHERE sec <> floor(ts / 1000.0)`
  expect(await (await connection.run(wrong)).getRows()).toEqual([])
  const pruned = parquetSource(files, { startMs: -1500, endMs: 86_500_000, metric: 77 })
  expect(await rows(pruned!)).toEqual(expected)
  // Where nothing of the metric is, rows of the second version need not be read.
  expect(await rows(parquetSource(files, { startMs: -1500, endMs: 86_500_000, metric: 78 })!)).toHaveLength(10)
  expect(await rows(parquetSource([files[1]!], { startMs: 0, endMs: 80_000_000 })!)).toEqual([])
})

it('reads partials of both versions alike', async () => {
  const partials = (from: number) =>
    `SELECT 5::UINTEGER AS series, ${from} + i * 60000 AS ts, 2::DOUBLE AS count, 3.5 AS sum, 1.5 AS min, 2::DOUBLE AS max,
       2::DOUBLE AS last, ${from} + i * 60000 + 59_999 AS last_ts FROM range(3) AS t(i)`
  const files = await writeBoth('r1m', partials(0), partials(86_400_000))
  const read = async (source: string) =>
    (await connection.run(`SELECT ts::DOUBLE, sum, last_ts::DOUBLE FROM ${source} ORDER BY ts`)).getRows()
  expect(await read(parquetSource(files)!)).toEqual(await read(`(${partials(0)} UNION ALL ${partials(86_400_000)})`))
  expect(logicalColumns(tables.r1m)[0]).toBe('metric')
  expect(parquetSource([])).toBeUndefined()
})
