/**
 * Writes segments in a way that a crash cannot half finish; sealing, compaction and rollups of old segments share it.
 *
 *   COPY → x.parquet.tmp → fsync → rename → fsync folder → checksum → (the caller's manifest transaction)
 *
 * Files that no manifest names are removed when the folder is next opened.
 */
import { rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { Probe, SegmentRecord, TableName } from '../journal/index.js'
import type { ProjectId } from '../model.js'
import { crc32OfFile, makeFolder, syncFile, syncFolder } from './disk.js'
import { quote } from './duck.js'
import type { Segments } from './segments.js'
import { DAY_MS, SEGMENT_SCHEMA_VERSION, tables } from './tables.js'

// V2 pages delta-encode times; zstd 3 is where more effort stops paying. Groups of DuckDB's default size let a query
// for a few series skip most of a file.
const PARQUET_OPTIONS =
  'FORMAT parquet, PARQUET_VERSION V2, COMPRESSION zstd, COMPRESSION_LEVEL 3, ROW_GROUP_SIZE 122880'

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
  readonly #connection: DuckDBConnection
  readonly #segments: Segments
  readonly #probe: (step: string) => void

  /** Steps are reported to `probe` as `name.step`. */
  constructor(connection: DuckDBConnection, segments: Segments, probe: Probe, name: string) {
    this.#connection = connection
    this.#segments = segments
    this.#probe = (step) => probe(`${name}.${step}`)
  }

  /** One file a partition of the rows of `relation`, which has the table's columns. */
  async writeAll(source: SegmentSource, relation: string): Promise<SegmentRecord[]> {
    const { columns, time, partitionDays, order, sealedAsItCame } = tables[source.table]
    const names = columns.map((column) => `"${column.name}"`).join(', ')
    const records: SegmentRecord[] = []
    for (const bounds of await this.#partitions(source.table, relation)) {
      const start = bounds.day * DAY_MS
      const within = `${time} >= ${start} AND ${time} < ${start + partitionDays * DAY_MS}`
      const sorted = sealedAsItCame ? '' : `ORDER BY ${order}`
      const select = `SELECT ${names} FROM ${relation} WHERE ${within} ${sorted}`
      try {
        records.push(await this.write(source, bounds, select))
      } catch (error) {
        await this.discard(records)
        throw error
      }
    }
    return records
  }

  /** One file of the rows of `select`. It is no segment before `finish` has been called and the manifest names it. */
  async write(source: SegmentSource, bounds: Bounds, select: string): Promise<SegmentRecord> {
    const file = segmentFile(source, bounds.day)
    const path = this.#segments.pathOf(file)
    const temporary = `${path}.tmp`
    await makeFolder(this.#segments.root, dirname(path))
    let rows: number
    try {
      this.#probe('copy')
      const copied = await this.#connection.run(
        `COPY (${select}) TO ${quote(temporary)} (${PARQUET_OPTIONS}, USE_TMP_FILE false)`,
      )
      rows = Number((await copied.getRows())[0]?.[0] ?? 0)
      this.#probe('fsync')
      await syncFile(temporary)
      this.#probe('rename')
      await rename(temporary, path)
      this.#probe('renamed')
    } catch (error) {
      await rm(temporary, { force: true })
      await rm(path, { force: true })
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
    for (const record of records) await rm(this.#segments.pathOf(record.file), { force: true })
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

function segmentFile({ project, table, seqFrom, seqTo, suffix }: SegmentSource, day: number): string {
  const date = new Date(day * DAY_MS).toISOString().slice(0, 10)
  return `${project}/${table}/${date}-${seqFrom}-${seqTo}${suffix === undefined ? '' : `-${suffix}`}.parquet`
}
