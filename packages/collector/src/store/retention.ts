/** Removes segments whose newest row is older than their table is kept. Nothing is rewritten: files go as a whole. */
import type { Journal, Probe, SegmentRecord, TableName } from '../journal/index.js'
import type { RetentionOptions } from './options.js'
import { levels } from './rollup/levels.js'
import type { Segment, Segments } from './segments.js'
import { isRolledUpTable } from './tables.js'

/** Files a step, so that no commit waits for long. */
const STEP_FILES = 64

export interface RetentionParts {
  segments: Segments
  journal: Journal
  options: Readonly<Required<RetentionOptions>>
  probe: Probe
  /** Called with the files that no new read will see. */
  unlink: (files: readonly Segment[]) => void
}

export class Retention {
  readonly #parts: RetentionParts
  files = 0

  constructor(parts: RetentionParts) {
    this.#parts = parts
  }

  /** Removes some files; false where none is due. */
  async step(nowMs: number): Promise<boolean> {
    const { segments, journal, options, probe, unlink } = this.#parts
    const expired: Segment[] = []
    for (const segment of segments.all()) {
      if (!isExpired(segment, options, nowMs)) continue
      expired.push(segment)
      if (expired.length === STEP_FILES) break
    }
    if (expired.length === 0) return false
    journal.replaceSegments({ added: [], removed: expired.map(({ file }) => file) })
    probe('retention.committed')
    segments.replace([], expired)
    unlink(expired)
    this.files += expired.length
    return true
  }
}

/** Is every row of the segment older than its table is kept? */
export function isExpired(
  { table, maxTimeMs }: Pick<SegmentRecord, 'table' | 'maxTimeMs'>,
  options: Readonly<Required<RetentionOptions>>,
  nowMs: number,
): boolean {
  const { keepMs, bucketMs } = ruleOf(table, options)
  return maxTimeMs + bucketMs <= nowMs - keepMs
}

function ruleOf(table: TableName, options: Readonly<Required<RetentionOptions>>): { keepMs: number; bucketMs: number } {
  const level = levels.find(({ partials, sketch }) => table === partials || table === sketch)
  if (level !== undefined) return { keepMs: options[`${level.name}Ms`], bucketMs: level.bucketMs }
  return { keepMs: isRolledUpTable(table) ? options.rawMs : options.eventsMs, bucketMs: 0 }
}
