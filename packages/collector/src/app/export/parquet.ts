/** A sheet as a Parquet file: gathered in a DuckDB of its own, written to a temporary folder, streamed, and removed. */
import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  DOUBLE,
  type DuckDBAppender,
  DuckDBDataChunk,
  DuckDBInstance,
  DuckDBTimestampMillisecondsValue,
  type DuckDBValue,
  TIMESTAMP_MS,
  VARCHAR,
} from '@duckdb/node-api'
import type { Cell, CellType, Sheet } from './sheet.js'

const chunkRows = 2048
const memoryLimit = '256MiB'

const types = { time: TIMESTAMP_MS, number: DOUBLE, text: VARCHAR, json: VARCHAR } as const

export async function parquetOf(sheet: Sheet): Promise<Readable> {
  const folder = await mkdtemp(join(tmpdir(), 'telltale-export-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    const file = join(folder, 'export.parquet')
    await write(sheet, file)
    const stream = createReadStream(file)
    stream.once('close', () => void remove())
    return stream
  } catch (error) {
    await remove()
    throw error
  }
}

async function write({ columns, batches }: Sheet, file: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: memoryLimit })
  const connection = await instance.connect()
  try {
    const definitions = columns.map(({ name, type }) => `"${name.replaceAll('"', '""')}" ${types[type]}`)
    await connection.run(`CREATE TABLE sheet (${definitions.join(', ')})`)
    const appender = await connection.createAppender('sheet')
    for await (const rows of batches) await append(appender, columns, rows)
    appender.closeSync()
    await connection.run(`COPY sheet TO '${file.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd)`)
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

async function append(
  appender: DuckDBAppender,
  columns: Sheet['columns'],
  rows: readonly (readonly Cell[])[],
): Promise<void> {
  for (let from = 0; from < rows.length; from += chunkRows) {
    const part = rows.slice(from, from + chunkRows)
    const chunk = DuckDBDataChunk.create(columns.map(({ type }) => types[type]))
    chunk.rowCount = part.length
    for (const [i, { type }] of columns.entries()) {
      chunk.setColumnValues(
        i,
        part.map((row) => cellValue(row[i], type)),
      )
    }
    appender.appendDataChunk(chunk)
    // This is the main thread: others have their turn between chunks.
    await nextTurn()
  }
  appender.flushSync()
}

function cellValue(cell: Cell, type: CellType): DuckDBValue {
  if (cell === null) return null
  if (type === 'time') return new DuckDBTimestampMillisecondsValue(BigInt(Math.round(cell as number)))
  if (type === 'number') return Number(cell)
  return type === 'json' ? JSON.stringify(cell) : String(cell)
}
