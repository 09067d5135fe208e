/**
 * Seals a generation of hot rows: its raw rows and their rollups become segments, then one SQLite transaction names them
 * in the manifest and marks the journal as sealed up to the same batch.
 *
 *   hot tables ─► samples, hist, … ─┐
 *       └─► 1m ─► 5m ─► 1h ─► 1d ───┴─► Parquet ─► manifest + sealed_seq (one commit)
 *
 * A crash before the commit leaves files that nobody names (removed when the folder is next opened) and the whole
 * journal; a crash after it leaves journal rows below the mark, which are ignored and trimmed.
 */
import type { DuckDBConnection } from '@duckdb/node-api'
import type { Journal, Probe, RawTableName, SegmentRecord } from '../journal/index.js'
import type { ProjectId, SeriesId } from '../model.js'
import type { Generation, HotTable } from './hot.js'
import type { RollupBuilder } from './rollup/build.js'
import type { SegmentSource, SegmentWriter } from './segment-writer.js'
import { isRolledUpTable } from './tables.js'

export interface SealerParts {
  connection: DuckDBConnection
  journal: Journal
  writer: SegmentWriter
  rollups: RollupBuilder
  probe: Probe
}

export interface Sealed {
  records: SegmentRecord[]
  lastSeenMs: [SeriesId, number][]
}

export class Sealer {
  readonly #parts: SealerParts

  constructor(parts: SealerParts) {
    this.#parts = parts
  }

  /** Interrupts a seal that is running; it fails, and its generation stays hot. */
  interrupt(): void {
    this.#parts.connection.interrupt()
  }

  /** The generation must be closed and flushed. On return its rows are in segments, durably; on error nothing changed. */
  async seal(generation: Generation): Promise<Sealed> {
    const { journal, writer, probe } = this.#parts
    const records: SegmentRecord[] = []
    const lastSeenMs: [SeriesId, number][] = []
    try {
      for (const partition of generation.partitions.values()) {
        const filled = partition.all().filter((table) => table.visibleRows > 0)
        for (const table of filled) {
          const isRolledUp = isRolledUpTable(table.name)
          const source = { ...sourceOf(generation, partition.project), rolledUp: isRolledUp ? 1 : 0 } as const
          records.push(...(await writer.writeAll({ ...source, table: table.name }, table.table)))
          if (isRolledUp) lastSeenMs.push(...(await this.#lastSeen(table)))
        }
        records.push(...(await this.#rollups(generation, partition.project, filled)))
      }
      await writer.finish(records)
      journal.seal(records, generation.lastSeq)
    } catch (error) {
      await writer.discard(records)
      throw error
    }
    probe('seal.committed')
    return { records, lastSeenMs }
  }

  async #rollups(
    generation: Generation,
    project: ProjectId,
    filled: readonly HotTable<never>[],
  ): Promise<SegmentRecord[]> {
    const { writer, rollups } = this.#parts
    const tableOf = (name: RawTableName) => filled.find((table) => table.name === name)?.table
    const sources = { samples: tableOf('samples'), hist: tableOf('hist'), sketch: tableOf('sketch') }
    return rollups.with(sources, async (built) => {
      const records: SegmentRecord[] = []
      try {
        for (const { name, table } of built) {
          const source: SegmentSource = { ...sourceOf(generation, project), table: name, rolledUp: 0 }
          records.push(...(await writer.writeAll(source, table)))
        }
      } catch (error) {
        await writer.discard(records)
        throw error
      }
      return records
    })
  }

  async #lastSeen(table: HotTable<never>): Promise<[SeriesId, number][]> {
    const sql = `SELECT series, max(ts)::DOUBLE FROM ${table.table} GROUP BY 1`
    return (await (await this.#parts.connection.run(sql)).getRows()) as [SeriesId, number][]
  }
}

function sourceOf({ firstSeq, lastSeq }: Generation, project: ProjectId) {
  return { project, seqFrom: firstSeq, seqTo: lastSeq }
}
