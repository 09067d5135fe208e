/**
 * Builds the rollups of segments that have none, which is so in folders of the first storage version: a day at a time,
 * and in one commit with the mark that says so. Until then queries read those segments raw.
 */
import { randomBytes } from 'node:crypto'
import type { Journal, Probe, SegmentRecord, TableName } from '../../journal/index.js'
import type { SegmentWriter } from '../segment-writer.js'
import type { Segment, Segments } from '../segments.js'
import { parquetSource } from '../stored.js'
import { isRolledUpTable } from '../tables.js'
import type { RollupBuilder } from './build.js'

export interface BackfillParts {
  segments: Segments
  journal: Journal
  writer: SegmentWriter
  rollups: RollupBuilder
  probe: Probe
}

export class Backfill {
  readonly #parts: BackfillParts

  constructor(parts: BackfillParts) {
    this.#parts = parts
  }

  /** One day of one project; false where every segment is in the rollups. */
  async step(): Promise<boolean> {
    const { segments } = this.#parts
    const inputs = pickDay(segments.all())
    if (inputs.length === 0) return false
    const sound = await segments.sound(inputs)
    // A damaged one has left the segments by now: the next step picks anew.
    if (sound.length === inputs.length) await this.#build(inputs)
    return true
  }

  async #build(inputs: readonly Segment[]): Promise<void> {
    const { segments, journal, writer, rollups, probe } = this.#parts
    const sourceOf = (table: TableName) => parquetSource(inputs.filter((input) => input.table === table))
    const sources = { samples: sourceOf('samples'), hist: sourceOf('hist'), sketch: sourceOf('sketch') }
    const source = {
      project: inputs[0]!.project,
      seqFrom: Math.min(...inputs.map(({ seqFrom }) => seqFrom)),
      seqTo: Math.max(...inputs.map(({ seqTo }) => seqTo)),
      rolledUp: 0,
      suffix: randomBytes(4).toString('hex'),
    } as const
    const records: SegmentRecord[] = []
    try {
      await rollups.with(sources, async (built) => {
        for (const { name, table } of built) {
          await writer.writeAll({ ...source, table: name }, table, records)
        }
      })
      await writer.finish(records)
      journal.replaceSegments({ added: records, removed: [], rolledUp: inputs.map(({ file }) => file) })
    } catch (error) {
      if (journal.isCertain) await writer.discard(records)
      throw error
    }
    probe('rollup.committed')
    // In one turn: a read finds these rows in the rollups, or raw, never both.
    segments.markRolledUp(inputs)
    segments.add(records)
  }
}

function pickDay(all: Iterable<Segment>): Segment[] {
  const missing = [...all].filter(({ table, rolledUp }) => rolledUp === 0 && isRolledUpTable(table))
  return missing.filter(({ project, day }) => project === missing[0]!.project && day === missing[0]!.day)
}
