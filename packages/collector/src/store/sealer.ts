/**
 * Seals a generation of hot rows: its raw rows and their rollups become segments, then one SQLite transaction names them
 * in the manifest and marks the journal as sealed up to the same batch.
 *
 *   blocks of numbers ─► sorted rows and rollups ─┐
 *   hot tables with texts ────────────────────────┴─► Parquet ─► manifest + sealed_seq (one commit)
 *
 * A crash before the commit leaves files that nobody names (removed when the folder is next opened) and the whole
 * journal; a crash after it leaves journal rows below the mark, which are ignored and trimmed.
 */
import { randomBytes } from 'node:crypto'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { Journal, Probe, SegmentRecord } from '../journal/index.js'
import type { ProjectId, SeriesId } from '../model.js'
import type { NumberBlock } from './blocks.js'
import type { Generation, HotTable, Partition } from './hot.js'
import { Scratch } from './scratch.js'
import type { SegmentWriter } from './segment-writer.js'
import type { SeriesKinds } from './series-kinds.js'
import type { SeriesMetrics } from './series-metrics.js'
import { type HotNumbers, RowSorter } from './sorted-rows.js'
import { isRolledUpTable } from './tables.js'

export interface SealerParts {
  connection: DuckDBConnection
  journal: Journal
  writer: SegmentWriter
  kinds: SeriesKinds
  metrics: SeriesMetrics
  probe: Probe
}

export interface Sealed {
  records: SegmentRecord[]
  lastSeenMs: [SeriesId, number][]
}

/** Memory that seals use again is kept for so long after one. */
const KEPT_MS = 30_000

export class Sealer {
  readonly #parts: SealerParts
  readonly #scratch = new Scratch()
  #forget: NodeJS.Timeout | undefined

  constructor(parts: SealerParts) {
    this.#parts = parts
  }

  /** Interrupts a seal that is running; it fails, and its generation stays hot. */
  interrupt(): void {
    this.#parts.connection.interrupt()
  }

  /**
   * The generation must be closed, and its rows with texts flushed. On return its rows are in segments, durably; on error
   * nothing changed.
   */
  async seal(generation: Generation): Promise<Sealed> {
    const { journal, writer, kinds, metrics, probe } = this.#parts
    clearTimeout(this.#forget)
    const sorter = new RowSorter(kinds, metrics, this.#scratch, pause)
    const records: SegmentRecord[] = []
    const suffix = randomBytes(4).toString('hex')
    try {
      for (const partition of generation.partitions.values()) {
        const source = sourceOf(generation, partition.project, suffix)
        for (const table of partition.all()) {
          if (table.isKept || table.rows === 0) continue
          await writer.writeAll({ ...source, table: table.name, rolledUp: 0 }, table.table, records)
        }
        for await (const rows of sorter.tables(numbersOf(partition))) {
          const rolledUp = isRolledUpTable(rows.table) ? 1 : 0
          await writer.writeRows({ ...source, table: rows.table, rolledUp }, rows, records)
        }
      }
      await writer.finish(records)
      journal.seal(records, generation.lastSeq)
    } catch (error) {
      if (journal.isCertain) await writer.discard(records)
      throw error
    } finally {
      this.#forget = setTimeout(() => this.#scratch.clear(), KEPT_MS).unref()
    }
    probe('seal.committed')
    return { records, lastSeenMs: [...sorter.lastSeenMs] }
  }
}

const pause = () => new Promise<void>((resolve) => setImmediate(resolve))

function numbersOf({ samples, hist, sketch }: Partition): HotNumbers {
  const blocksOf = ({ blocks }: HotTable<never>) => blocks as unknown as NumberBlock<never>[]
  return {
    samples: blocksOf(samples as unknown as HotTable<never>),
    hist: blocksOf(hist as unknown as HotTable<never>),
    sketch: blocksOf(sketch as unknown as HotTable<never>),
  }
}

/** With a name of its own for each try: files of one that failed may yet turn out to count. */
function sourceOf({ firstSeq, lastSeq }: Generation, project: ProjectId, suffix: string) {
  return { project, seqFrom: firstSeq, seqTo: lastSeq, suffix }
}
