/**
 * Seals a generation of hot rows: one sorted Parquet file a project, table and UTC day, then one SQLite transaction that
 * names them in the manifest and marks the journal as sealed up to the same batch.
 *
 *   COPY → x.parquet.tmp → fsync → rename → fsync folder → checksum → manifest + sealed_seq (one commit)
 *
 * A crash before the commit leaves files that nobody names (removed when the folder is next opened) and the whole
 * journal; a crash after it leaves journal rows below the mark, which are ignored and trimmed.
 */
import { rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { Journal, Probe, SegmentRecord, TableName } from '../journal/index.js'
import type { ProjectId, SeriesId } from '../model.js'
import { crc32OfFile, makeFolder, syncFile, syncFolder } from './disk.js'
import { quote } from './duck.js'
import type { Generation, HotTable } from './hot.js'
import type { Segments } from './segments.js'
import { DAY_MS, SEGMENT_SCHEMA_VERSION, type TableSpec, tables } from './tables.js'

// V2 pages delta-encode times; zstd 3 is where more effort stops paying. Groups of DuckDB's default size let a query
// for a few series skip most of a file.
const PARQUET_OPTIONS =
  'FORMAT parquet, PARQUET_VERSION V2, COMPRESSION zstd, COMPRESSION_LEVEL 3, ROW_GROUP_SIZE 122880'

interface DayStats {
  day: number
  rows: number
  minTimeMs: number
  maxTimeMs: number
  minSeries: number
  maxSeries: number
}

export interface Sealed {
  records: SegmentRecord[]
  lastSeenMs: [SeriesId, number][]
}

export class Sealer {
  readonly #connection: DuckDBConnection
  readonly #journal: Journal
  readonly #segments: Segments
  readonly #probe: Probe

  constructor(connection: DuckDBConnection, journal: Journal, segments: Segments, probe: Probe) {
    this.#connection = connection
    this.#journal = journal
    this.#segments = segments
    this.#probe = probe
  }

  /** Interrupts a seal that is running; it fails, and its generation stays hot. */
  interrupt(): void {
    this.#connection.interrupt()
  }

  /** The generation must be closed and flushed. On return its rows are in segments, durably; on error nothing changed. */
  async seal(generation: Generation): Promise<Sealed> {
    const records: SegmentRecord[] = []
    const lastSeenMs: [SeriesId, number][] = []
    try {
      for (const partition of generation.partitions.values()) {
        for (const table of partition.all()) {
          if (table.visibleRows === 0) continue
          for (const stats of await this.#days(table)) {
            records.push(await this.#write(generation, partition.project, table, stats))
          }
          if (tables[table.name].series !== undefined) lastSeenMs.push(...(await this.#lastSeen(table)))
        }
      }
      for (const folder of new Set(records.map((record) => dirname(this.#segments.pathOf(record.file))))) {
        await syncFolder(folder)
        this.#probe('seal.folder')
      }
      for (const record of records) {
        const { crc32, bytes } = await crc32OfFile(this.#segments.pathOf(record.file))
        record.crc32 = crc32
        record.bytes = bytes
      }
      this.#probe('seal.checksum')
      this.#journal.seal(records, generation.lastSeq)
    } catch (error) {
      for (const record of records) await rm(this.#segments.pathOf(record.file), { force: true })
      throw error
    }
    this.#probe('seal.committed')
    return { records, lastSeenMs }
  }

  async #days(table: HotTable<never>): Promise<DayStats[]> {
    const { time, series } = tables[table.name]
    const result = await this.#connection.run(
      `SELECT floor(${time} / ${DAY_MS}.0)::DOUBLE, count(*)::DOUBLE, min(${time})::DOUBLE, max(${time})::DOUBLE,
         ${series === undefined ? '0, 0' : `min(${series}), max(${series})`}
       FROM ${table.table} GROUP BY 1 ORDER BY 1`,
    )
    const rows = (await result.getRows()) as number[][]
    return rows.map(([day, count, minTimeMs, maxTimeMs, minSeries, maxSeries]) => ({
      day,
      rows: count,
      minTimeMs,
      maxTimeMs,
      minSeries,
      maxSeries,
    }))
  }

  async #write(
    generation: Generation,
    project: ProjectId,
    table: HotTable<never>,
    stats: DayStats,
  ): Promise<SegmentRecord> {
    const spec = tables[table.name]
    const file = segmentFile(project, table.name, stats.day, generation.firstSeq, generation.lastSeq)
    const path = this.#segments.pathOf(file)
    const temporary = `${path}.tmp`
    await makeFolder(this.#segments.root, dirname(path))
    try {
      this.#probe('seal.copy')
      await this.#connection.run(
        `COPY (${daySql(spec, table.table, stats.day)}) TO ${quote(temporary)} (${PARQUET_OPTIONS}, USE_TMP_FILE false)`,
      )
      this.#probe('seal.fsync')
      await syncFile(temporary)
      this.#probe('seal.rename')
      await rename(temporary, path)
      this.#probe('seal.renamed')
    } catch (error) {
      await rm(temporary, { force: true })
      await rm(path, { force: true })
      throw error
    }
    return {
      file,
      project,
      table: table.name,
      seqFrom: generation.firstSeq,
      seqTo: generation.lastSeq,
      ...stats,
      bytes: 0,
      crc32: 0,
      createdMs: Date.now(),
      schemaVersion: SEGMENT_SCHEMA_VERSION,
    }
  }

  async #lastSeen(table: HotTable<never>): Promise<[SeriesId, number][]> {
    const result = await this.#connection.run(`SELECT series, max(ts)::DOUBLE FROM ${table.table} GROUP BY 1`)
    return (await result.getRows()) as [SeriesId, number][]
  }
}

function segmentFile(project: ProjectId, table: TableName, day: number, seqFrom: number, seqTo: number): string {
  const date = new Date(day * DAY_MS).toISOString().slice(0, 10)
  return `${project}/${table}/${date}-${seqFrom}-${seqTo}.parquet`
}

function daySql({ columns, time, order }: TableSpec, table: string, day: number): string {
  const names = columns.map((column) => `"${column.name}"`).join(', ')
  const start = day * DAY_MS
  return `SELECT ${names} FROM ${table} WHERE ${time} >= ${start} AND ${time} < ${start + DAY_MS} ORDER BY ${order}`
}
