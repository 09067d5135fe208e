/**
 * Merges segments, so that a query opens few files: small ones of an open partition once there are many, and all of a
 * closed one. Rows come out sorted in blocks of time, partials and sketch rows of one bucket added up. Large files that
 * follow each other in time are as good as merged: their row groups are put one after the other.
 *
 *   pick ─┬─► COPY (merge of the inputs) ─┬─► file ─► manifest: + file, − inputs (one commit) ─► unlink the inputs
 *         └─► copy of their row groups ───┘
 */
import { randomBytes } from 'node:crypto'
import { type Journal, messageOf, type Probe, type SegmentRecord, type TableName } from '../journal/index.js'
import { commonDropped } from './dropped.js'
import type { Log } from './options.js'
import { mergePartialsSql, mergeSketchSql } from './rollup/build.js'
import type { SegmentWriter } from './segment-writer.js'
import type { Segment, Segments } from './segments.js'
import { logicalColumns, parquetSource, storedSql } from './stored.js'
import { DAY_MS, SEGMENT_SCHEMA_VERSION, type TableSpec, tables } from './tables.js'

/** More files than this of one partition are merged even while rows still come. */
const MAX_OPEN_FILES = 32
/** … this many at once, so that a row is rewritten a few times in its life, not every time. */
const OPEN_MERGE_FILES = 16
const SMALLEST_TIER_BYTES = 64 * 1024
/** Sizes within one tier differ by less than this factor. */
const TIER_FACTOR = 8
/** Rows of yesterday come until now … */
const CLOSE_AFTER_MS = 3_600_000

/** Row groups of files with fewer rows are too small to stay as they are. */
const LARGE_ROWS = 48_000
/** How often a time may be covered by files that are joined as they are. */
const MAX_COVER = 1.5
const MAX_JOINED_BYTES = 1024 ** 3
/** A file that could not be read is left out for so long: the others of its partition must not wait for it. */
const UNREADABLE_MS = 3_600_000
/** Tables that are read in any order. Entries of coarse buckets are added up at every merge, which makes them few. */
const joined: ReadonlySet<TableName> = new Set<TableName>([
  ...(['samples', 'hist', 'sketch', 'tasks', 'events', 'sessions'] as const),
  ...(['r1m', 'r5m'] as const),
])

export interface CompactionParts {
  segments: Segments
  journal: Journal
  writer: SegmentWriter
  probe: Probe
  /** Input of one merge, at most: bounds its time and its memory. */
  maxBytes: number
  /** While late rows still come, each would cost a merge of everything. */
  quietMs: number
  /** Called with the files that no new read will see. */
  unlink: (files: readonly Segment[]) => void
  log: Log
}

export class Compaction {
  readonly #parts: CompactionParts
  /** Files that could not be read, and until when they are left out. */
  readonly #unreadable = new Map<string, number>()
  total = 0
  seconds = 0

  constructor(parts: CompactionParts) {
    this.#parts = parts
  }

  /** One merge; false where there is nothing to merge. `settled` takes closed partitions as quiet. */
  async step(nowMs: number, settled = false): Promise<boolean> {
    const { segments, maxBytes, quietMs } = this.#parts
    const legible = this.#legible(nowMs)
    const inputs = pickMerge(legible, { nowMs, maxBytes, quietMs: settled ? 0 : quietMs })
    if (inputs === undefined) return false
    const began = performance.now()
    try {
      // A damaged one has left the segments by now: the next step picks anew.
      const sound = await segments.sound(inputs)
      if (sound.length < inputs.length) return true
      await this.#merge(inputs)
    } catch (error) {
      if (!(await this.#leaveOutUnreadable(inputs, nowMs))) throw error
      return true
    }
    this.total++
    this.seconds += (performance.now() - began) / 1000
    return true
  }

  #legible(nowMs: number): Iterable<Segment> {
    for (const [file, untilMs] of this.#unreadable) if (untilMs <= nowMs) this.#unreadable.delete(file)
    const all = this.#parts.segments.all()
    return this.#unreadable.size === 0 ? all : [...all].filter(({ file }) => !this.#unreadable.has(file))
  }

  /** After a failure: was it one of the inputs? A sector that is gone fails for ever, and says nothing of its rows. */
  async #leaveOutUnreadable(inputs: readonly Segment[], nowMs: number): Promise<boolean> {
    const before = this.#unreadable.size
    for (const segment of inputs) {
      const error = await this.#parts.segments.readError(segment)
      if (error === undefined) continue
      this.#unreadable.set(segment.file, nowMs + UNREADABLE_MS)
      this.#parts.log('warn', 'a segment cannot be read and is left out of merges for an hour', {
        file: segment.file,
        error: messageOf(error),
      })
    }
    return this.#unreadable.size > before
  }

  async #merge(inputs: readonly Segment[]): Promise<void> {
    const { segments, journal, writer, probe, unlink } = this.#parts
    const { project, table, rolledUp } = inputs[0]!
    const source = {
      ...{ project, table, rolledUp },
      seqFrom: least(inputs, (input) => input.seqFrom),
      seqTo: greatest(inputs, (input) => input.seqTo),
      suffix: randomBytes(4).toString('hex'),
    }
    const record = canJoin(inputs)
      ? await writer.concat(source, boundsOf(inputs), inOrderOfTime(inputs))
      : await writer.write(source, boundsOf(inputs), mergeSql(tables[table], inputs))
    record.dropped = commonDropped(inputs)
    try {
      await writer.finish([record])
      journal.replaceSegments({ added: [record], removed: inputs.map(({ file }) => file) })
    } catch (error) {
      if (journal.isCertain) await writer.discard([record])
      throw error
    }
    probe('compact.committed')
    segments.replace([record], inputs)
    unlink(inputs)
  }
}

export interface PickOptions {
  nowMs: number
  maxBytes: number
  /** A closed partition must have been without new segments for so long. */
  quietMs: number
}

/** The segments to merge next, at least two of one project, table and partition; undefined where all is well. */
export function pickMerge<S extends SegmentRecord>(all: Iterable<S>, options: PickOptions): S[] | undefined {
  for (const partition of partitionsOf(all)) {
    if (partition.length < 2) continue
    const picked = isSettled(partition, options) ? settledMerge(partition) : openMerge(partition)
    const inputs = smallestWithin(picked, canJoin(picked) ? MAX_JOINED_BYTES : options.maxBytes)
    if (inputs.length >= 2) return inputs
  }
  return undefined
}

function partitionsOf<S extends SegmentRecord>(all: Iterable<S>): Iterable<S[]> {
  const partitions = new Map<string, S[]>()
  for (const segment of all) {
    // Rows that are in the rollups and rows that are not must stay apart.
    const key = `${segment.project}/${segment.table}/${segment.day}/${segment.rolledUp}`
    const partition = partitions.get(key)
    if (partition === undefined) partitions.set(key, [segment])
    else partition.push(segment)
  }
  return partitions.values()
}

function isSettled(partition: readonly SegmentRecord[], { nowMs, quietMs }: PickOptions): boolean {
  const { day, table } = partition[0]!
  const endMs = (day + tables[table].partitionDays) * DAY_MS
  return nowMs >= endMs + CLOSE_AFTER_MS && nowMs - greatest(partition, ({ createdMs }) => createdMs) >= quietMs
}

/** Small files first, so that all that is left is large. */
function settledMerge<S extends SegmentRecord>(partition: readonly S[]): readonly S[] {
  const small = partition.filter(({ rows }) => rows < LARGE_ROWS)
  return small.length >= 2 && small.length < partition.length ? small : partition
}

/** Would a merge that reads and writes rows make nothing better? */
function canJoin(files: readonly SegmentRecord[]): boolean {
  if (files.length < 2 || !joined.has(files[0]!.table)) return false
  if (files.some(({ schemaVersion }) => schemaVersion !== SEGMENT_SCHEMA_VERSION)) return false
  if (files.filter(({ rows }) => rows < LARGE_ROWS).length > 1) return false
  const spans = files.reduce((sum, { minTimeMs, maxTimeMs }) => sum + maxTimeMs - minTimeMs, 0)
  const { minTimeMs, maxTimeMs } = boundsOf(files)
  return spans <= MAX_COVER * (maxTimeMs - minTimeMs)
}

function inOrderOfTime(files: readonly Segment[]): string[] {
  return files.toSorted((a, b) => a.minTimeMs - b.minTimeMs).map(({ path }) => path)
}

/** Files of like size, where there are too many; the smaller tier where two hold as many. */
function openMerge<S extends SegmentRecord>(partition: readonly S[]): S[] {
  if (partition.length <= MAX_OPEN_FILES) return []
  const tiers = new Map<number, S[]>()
  for (const segment of bySize(partition)) {
    const tier = Math.max(0, Math.floor(Math.log(segment.bytes / SMALLEST_TIER_BYTES) / Math.log(TIER_FACTOR)))
    tiers.set(tier, [...(tiers.get(tier) ?? []), segment])
  }
  const fullest = [...tiers.values()].reduce((best, tier) => (tier.length > best.length ? tier : best))
  return fullest.slice(0, OPEN_MERGE_FILES)
}

function smallestWithin<S extends SegmentRecord>(partition: readonly S[], maxBytes: number): S[] {
  const taken: S[] = []
  let bytes = 0
  for (const segment of bySize(partition)) {
    bytes += segment.bytes
    if (bytes > maxBytes) break
    taken.push(segment)
  }
  return taken
}

function bySize<S extends SegmentRecord>(partition: readonly S[]): S[] {
  return partition.toSorted((a, b) => a.bytes - b.bytes)
}

function mergeSql(spec: TableSpec, inputs: readonly Segment[]): string {
  const source = parquetSource(inputs)!
  return `SELECT ${storedSql(spec)} FROM (${mergedSql(spec, source)} ORDER BY ${orderSql(spec)})`
}

function mergedSql(spec: TableSpec, source: string): string {
  if (spec.name.startsWith('r')) return `SELECT * FROM (${mergePartialsSql(source)})`
  if (spec.name.startsWith('k')) return `SELECT * FROM (${mergeSketchSql(source)})`
  return `SELECT ${logicalColumns(spec).join(', ')} FROM ${source}`
}

/** The order of a merged file. */
export function orderSql({ order, time, series, blockMs }: TableSpec): string {
  const block = blockMs === undefined ? [] : [`${time} // ${blockMs}`]
  return [...block, ...(series === undefined ? [] : ['metric']), order].join(', ')
}

function boundsOf(inputs: readonly SegmentRecord[]) {
  return {
    day: inputs[0]!.day,
    minTimeMs: least(inputs, (input) => input.minTimeMs),
    maxTimeMs: greatest(inputs, (input) => input.maxTimeMs),
    minSeries: least(inputs, (input) => input.minSeries),
    maxSeries: greatest(inputs, (input) => input.maxSeries),
  }
}

function least<T>(items: readonly T[], pick: (item: T) => number): number {
  return items.reduce((least, item) => Math.min(least, pick(item)), Number.POSITIVE_INFINITY)
}

function greatest<T>(items: readonly T[], pick: (item: T) => number): number {
  return items.reduce((greatest, item) => Math.max(greatest, pick(item)), Number.NEGATIVE_INFINITY)
}
