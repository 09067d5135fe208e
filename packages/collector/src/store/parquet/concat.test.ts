import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Duck, quote } from '../duck.js'
import { newFolder, removeFolder } from '../testing/places.js'
import { concatParquet } from './concat.js'

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

const OPTIONS = 'FORMAT parquet, PARQUET_VERSION V2, COMPRESSION zstd, ROW_GROUP_SIZE 2048'

async function write(name: string, select: string, options = OPTIONS): Promise<string> {
  const path = join(folder, name)
  await connection.run(`COPY (${select}) TO ${quote(path)} (${options})`)
  return path
}

async function rowsOf(sql: string): Promise<unknown> {
  return (await connection.run(sql)).getRows()
}

const select = (from: number, to: number) =>
  `SELECT i AS id, i % 7 AS small, sin(i) AS value, CASE WHEN i % 3 = 0 THEN NULL ELSE 'text ' || i % 50 END AS text
   FROM range(${from}, ${to}) AS t(i)`

it('reads as all files one after the other, pruned by statistics and filters of the right row groups', async () => {
  const bounds = [0, 1, 5000, 5001, 20_000]
  const files: string[] = []
  for (let i = 1; i < bounds.length; i++) files.push(await write(`${i}.parquet`, select(bounds[i - 1]!, bounds[i]!)))
  const target = join(folder, 'all.parquet')
  expect(await concatParquet(files, target)).toBe(20_000)
  const source = `read_parquet(${quote(target)})`
  expect(await rowsOf(`SELECT * FROM ${source}`)).toEqual(await rowsOf(select(0, 20_000)))
  for (const where of ['id BETWEEN 4990 AND 5010', `text = 'text 49'`, 'id = 19999', 'small = 6 AND id > 15000']) {
    expect(await rowsOf(`SELECT * FROM ${source} WHERE ${where}`)).toEqual(
      await rowsOf(`SELECT * FROM (${select(0, 20_000)}) WHERE ${where}`),
    )
  }
  const groups = `SELECT count(DISTINCT row_group_id)::INTEGER, sum(row_group_num_rows)::INTEGER // 4 FROM parquet_metadata(${quote(target)})`
  expect(await rowsOf(groups)).toEqual([[1 + 3 + 1 + 8, 20_000]])
})

it('joins what it has joined, and files without rows', async () => {
  const [a, none, b] = [
    await write('a.parquet', select(0, 3000)),
    await write('none.parquet', select(0, 0)),
    await write('b.parquet', select(3000, 6000)),
  ]
  const [ab, all] = [join(folder, 'ab.parquet'), join(folder, 'abab.parquet')]
  expect(await concatParquet([a, none, b], ab)).toBe(6000)
  expect(await concatParquet([ab, ab], all)).toBe(12_000)
  expect(await rowsOf(`SELECT count(*)::INTEGER, sum(id)::INTEGER FROM read_parquet(${quote(all)})`)).toEqual([
    [12_000, 5999 * 6000],
  ])
})

it('refuses files of other columns, and what is no Parquet file', async () => {
  const a = await write('a.parquet', select(0, 10))
  const other = await write('b.parquet', 'SELECT 1 AS other')
  expect(await concatParquet([a, other], join(folder, 'c.parquet'))).toBeUndefined()
  const broken = join(folder, 'broken.parquet')
  writeFileSync(broken, readFileSync(a).subarray(0, -10))
  await expect(concatParquet([a, broken], join(folder, 'd.parquet'))).rejects.toThrow(/Parquet|footer/)
  writeFileSync(broken, 'PAR1')
  await expect(concatParquet([broken], join(folder, 'e.parquet'))).rejects.toThrow()
})
