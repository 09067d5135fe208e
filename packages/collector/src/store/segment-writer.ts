/**
 * Writes segments in a way that a crash cannot half finish; sealing, compaction and rollups of old segments share it.
 *
 *   COPY → x.parquet.tmp → fsync → rename → fsync folder → checksum → (the caller's manifest transaction)
 *
 * Files that no manifest names are removed when the folder is next opened.
 */
import { rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type DuckDBConnection, UINTEGER } from '@duckdb/node-api'
import { TelltaleError } from '../errors.js'
import type { Probe, SegmentRecord, TableName } from '../journal/index.js'
import type { ProjectId } from '../model.js'
import { crc32OfFile, makeFolder, syncFile, syncFolder } from './disk.js'
import { type Duck, quote } from './duck.js'
import { concatParquet } from './parquet/concat.js'
import type { Segments } from './segments.js'
import type { SortedRows } from './sorted-rows.js'
import { logicalColumns, storedSql } from './stored.js'
import { DAY_MS, numberColumns, SEGMENT_SCHEMA_VERSION, tables } from './tables.js'

// V2 pages split doubles by byte; zstd 3 is where more effort stops paying. Groups this small mostly hold one metric, so
// that its values share a dictionary, and a query skips what it did not ask for.
const PARQUET_OPTIONS =
  'FORMAT parquet, PARQUET_VERSION V2, COMPRESSION zstd, COMPRESSION_LEVEL 3, ROW_GROUP_SIZE 61440'

/** Where the rows of a file come from. */
export interface SegmentSource {
  project: ProjectId
  table: TableName
  seqFrom: number
  seqTo: number
  rolledUp: 0 | 1
  /** Tells files of the same batches apart; they share everything else in their names. */
  suffix?: string
}

/** What a file will hold, known before it is written. */
export interface Bounds {
  /** First day of the partition. */
  day: number
  minTimeMs: number
  maxTimeMs: number
  minSeries: number
  maxSeries: number
}

export class SegmentWriter {
  readonly #duck: Duck
  readonly #connection: DuckDBConnection
  readonly #segments: Segments
  readonly #probe: (step: string) => void

  /** Steps are reported to `probe` as `name.step`. */
  constructor(duck: Duck, connection: DuckDBConnection, segments: Segments, probe: Probe, name: string) {
    this.#duck = duck
    this.#connection = connection
    this.#segments = segments
    this.#probe = (step) => probe(`${name}.${step}`)
  }

  /**
   * One file a partition of the rows of `relation`, which has the table's columns. They are added to `records` one by one,
   * so that the caller can discard them whatever happens.
   */
  async writeAll(source: SegmentSource, relation: string, records: SegmentRecord[]): Promise<void> {
    const spec = tables[source.table]
    const { columns, time, partitionDays, order, series } = spec
    const names = columns.map((column) => `"${column.name}"`).join(', ')
    for (const bounds of await this.#partitions(source.table, relation)) {
      const start = bounds.day * DAY_MS
      const within = `${time} >= ${start} AND ${time} < ${start + partitionDays * DAY_MS}`
      const metric = series === undefined ? '' : '0::UINTEGER AS metric, '
      const select = `SELECT ${metric}${names} FROM ${relation} WHERE ${within} ORDER BY ${order}`
      records.push(await this.write(source, bounds, `SELECT ${storedSql(spec)} FROM (${select})`))
    }
  }

  /** The same of rows that are in the order of files already. */
  async writeRows(source: SegmentSource, sorted: SortedRows, records: SegmentRecord[]): Promise<void> {
    const spec = tables[source.table]
    const handed = [{ name: 'metric', type: UINTEGER }, ...numberColumns(spec)]
    const block = { rows: sorted.rows, columns: sorted.columns }
    const logical = logicalColumns(spec).map((name) => {
      const column = spec.columns.find((of) => `"${of.name}"` === name)
      return column === undefined ? name : `${name}::${column.type} AS ${name}`
    })
    for (const { from, to, ...bounds } of partitionsOf(sorted, spec.partitionDays)) {
      const write = (rows: string) =>
        this.write(source, bounds, `SELECT ${storedSql(spec)} FROM (SELECT ${logical.join(', ')} FROM ${rows})`)
      records.push(await this.#duck.withRows(handed, block, write, { from, to }))
    }
  }

  /** One file of the rows of `select`. It is no segment before `finish` has been called and the manifest names it. */
  write(source: SegmentSource, bounds: Bounds, select: string): Promise<SegmentRecord> {
    return this.#place(source, bounds, async (path) => {
      const sql = `COPY (${select}) TO ${quote(path)} (${PARQUET_OPTIONS}, USE_TMP_FILE false)`
      const copied = await this.#connection.run(sql)
      return Number((await copied.getRows())[0]?.[0] ?? 0)
    })
  }

  /** The same of the row groups of other files, in their order. */
  concat(source: SegmentSource, bounds: Bounds, paths: readonly string[]): Promise<SegmentRecord> {
    return this.#place(source, bounds, async (path) => {
      const rows = await concatParquet(paths, path)
      if (rows === undefined) throw new TelltaleError('internal', 'Files of one version have different columns.')
      return rows
    })
  }

  /** `make` makes the file under the name that it is given, and says how many rows it has. */
  async #place(source: SegmentSource, bounds: Bounds, make: (path: string) => Promise<number>): Promise<SegmentRecord> {
    const file = segmentFile(source, bounds.day)
    const path = this.#segments.pathOf(file)
    const temporary = `${path}.tmp`
    await makeFolder(this.#segments.root, dirname(path))
    let rows: number
    try {
      this.#probe('copy')
      rows = await make(temporary)
      this.#probe('fsync')
      await syncFile(temporary)
      this.#probe('rename')
      await rename(temporary, path)
      this.#probe('renamed')
    } catch (error) {
      await this.#remove(temporary)
      await this.#remove(path)
      throw error
    }
    const { project, table, seqFrom, seqTo, rolledUp } = source
    return {
      ...{ file, project, table, seqFrom, seqTo, rolledUp, rows },
      ...bounds,
      bytes: 0,
      crc32: 0,
      createdMs: Date.now(),
      schemaVersion: SEGMENT_SCHEMA_VERSION,
    }
  }

  /** Makes the names durable and takes the checksums of what is on the disk. */
  async finish(records: readonly SegmentRecord[]): Promise<void> {
    for (const folder of new Set(records.map((record) => dirname(this.#segments.pathOf(record.file))))) {
      await syncFolder(folder)
      this.#probe('folder')
    }
    for (const record of records) {
      const { crc32, bytes } = await crc32OfFile(this.#segments.pathOf(record.file))
      record.crc32 = crc32
      record.bytes = bytes
    }
    this.#probe('checksum')
  }

  /** Removes files that will not become segments. */
  async discard(records: readonly SegmentRecord[]): Promise<void> {
    for (const record of records) await this.#remove(this.#segments.pathOf(record.file))
  }

  /** What cannot be removed is named by no manifest, and goes when the folder is next opened. */
  async #remove(path: string): Promise<void> {
    await rm(path, { force: true }).catch(() => {})
  }

  async #partitions(table: TableName, relation: string): Promise<Bounds[]> {
    const { time, series, partitionDays } = tables[table]
    const result = await this.#connection.run(
      `SELECT floor(${time} / ${partitionDays * DAY_MS}.0)::DOUBLE, min(${time})::DOUBLE, max(${time})::DOUBLE,
         ${series === undefined ? '0, 0' : `min(${series}), max(${series})`}
       FROM ${relation} GROUP BY 1 ORDER BY 1`,
    )
    const rows = (await result.getRows()) as number[][]
    return rows.map(([partition, minTimeMs, maxTimeMs, minSeries, maxSeries]) => ({
      ...{ minTimeMs, maxTimeMs, minSeries, maxSeries },
      day: partition * partitionDays,
    }))
  }
}

/** Half-open ranges of rows that belong into one file, with what is in them. */
function partitionsOf({ rows, series, timeMs }: SortedRows, partitionDays: number): (Bounds & Range)[] {
  const partitionMs = partitionDays * DAY_MS
  const partitions: (Bounds & Range)[] = []
  let at: (Bounds & Range) | undefined
  let startMs = 0
  let endMs = 0
  for (let row = 0; row < rows; row++) {
    const time = timeMs[row]
    const id = series[row]
    if (at === undefined || time < startMs || time >= endMs) {
      startMs = Math.floor(time / partitionMs) * partitionMs
      endMs = startMs + partitionMs
      const none = { minTimeMs: time, maxTimeMs: time, minSeries: id, maxSeries: id }
      at = { from: row, to: row, day: startMs / DAY_MS, ...none }
      partitions.push(at)
    }
    at.to = row + 1
    if (time < at.minTimeMs) at.minTimeMs = time
    if (time > at.maxTimeMs) at.maxTimeMs = time
    if (id < at.minSeries) at.minSeries = id
    if (id > at.maxSeries) at.maxSeries = id
  }
  return partitions
}

interface Range {
  from: number
  to: number
}

function segmentFile({ project, table, seqFrom, seqTo, suffix }: SegmentSource, day: number): string {
  const date = new Date(day * DAY_MS).toISOString().slice(0, 10)
  return `${project}/${table}/${date}-${seqFrom}-${seqTo}${suffix === undefined ? '' : `-${suffix}`}.parquet`
}
