/**
 * Removes what is older than it is kept, one small step at a time. A segment of which nothing is kept any more is unlinked;
 * one that holds series which go earlier than others is written anew without them, once for each span of time.
 *
 *   expired   ─► manifest: − file ─► unlink
 *   in part   ─► COPY (the rest) → file ─► manifest: + file, − input (one commit) ─► unlink the input
 */
import { randomBytes } from 'node:crypto'
import { UINTEGER } from '@duckdb/node-api'
import type { Journal, Probe, TableName } from '../journal/index.js'
import { orderSql } from './compaction.js'
import { droppedOf } from './dropped.js'
import type { Duck } from './duck.js'
import type { RetentionOptions } from './options.js'
import type { RetentionPolicy, SeriesClass } from './retention-policy.js'
import { levels } from './rollup/levels.js'
import type { SegmentWriter } from './segment-writer.js'
import type { Segment, Segments } from './segments.js'
import { logicalColumns, parquetSource, storedSql } from './stored.js'
import { DAY_MS, isRolledUpTable, tables } from './tables.js'

/** Files a step, so that no commit waits for long. */
const STEP_FILES = 64
/** A file of many days is written anew at most so many times for one rule. */
const SPANS_OF_A_FILE = 8

export interface RetentionParts {
  segments: Segments
  journal: Journal
  policy: RetentionPolicy
  duck: Duck
  writer: SegmentWriter
  probe: Probe
  /** Called with the files that no new read will see. */
  unlink: (files: readonly Segment[]) => void
}

/** Series that go from a file, up to a time. */
interface Drop {
  key: string
  series: Uint32Array
  untilMs: number
}

export class Retention {
  readonly #parts: RetentionParts
  /** Files removed whole, and files written anew without some series. */
  files = 0
  rewrites = 0

  constructor(parts: RetentionParts) {
    this.#parts = parts
  }

  /** Removes some; false where nothing is due. `onlyWhole`: nothing may be written. */
  async step(nowMs: number, onlyWhole = false): Promise<boolean> {
    const expired: Segment[] = []
    let partly: { segment: Segment; drops: Drop[] } | undefined
    for (const segment of this.#parts.segments.all()) {
      const due = this.#due(segment, nowMs)
      if (due === 'all') expired.push(segment)
      else if (due.length > 0) partly ??= { segment, drops: due }
      if (expired.length === STEP_FILES) break
    }
    if (expired.length > 0) this.#remove(expired)
    else if (partly !== undefined && !onlyWhole) await this.#rewrite(partly.segment, partly.drops)
    else return false
    return true
  }

  #due(segment: Segment, nowMs: number): 'all' | Drop[] {
    const { table, project, minSeries, maxSeries, minTimeMs, maxTimeMs } = segment
    const { policy } = this.#parts
    const { level, bucketMs } = levelOf(table)
    const present = policy
      .classes(project, level)
      ?.map((one) => ({ ...one, series: within(one.series, minSeries, maxSeries) }))
      .filter(({ series }) => series.length > 0)
    const isOld = (keepMs: number) => maxTimeMs + bucketMs <= nowMs - keepMs
    if (tables[table].series === undefined || present === undefined || present.length === 0) {
      return isOld(policy.keepMs(project, level)) ? 'all' : []
    }
    const longestMs = Math.max(...present.map(({ keepMs }) => keepMs))
    if (isOld(longestMs)) return 'all'
    const spanMs = Math.max(1, Math.floor(tables[table].partitionDays / SPANS_OF_A_FILE)) * DAY_MS
    const drops: Drop[] = []
    for (const { key, series, keepMs } of present as SeriesClass[]) {
      // In whole spans, so that a file is not written anew each minute.
      const untilMs = Math.floor((nowMs - keepMs - bucketMs + 1) / spanMs) * spanMs
      if (keepMs === longestMs || minTimeMs >= untilMs) continue
      const doneMs = droppedOf(segment)[key] ?? Number.NEGATIVE_INFINITY
      if (doneMs < Math.min(untilMs, maxTimeMs + 1)) drops.push({ key, series, untilMs })
    }
    return drops
  }

  #remove(expired: readonly Segment[]): void {
    const { segments, journal, probe, unlink } = this.#parts
    journal.replaceSegments({ added: [], removed: expired.map(({ file }) => file) })
    probe('retention.committed')
    segments.replace([], expired)
    unlink(expired)
    this.files += expired.length
  }

  async #rewrite(segment: Segment, drops: readonly Drop[]): Promise<void> {
    const { segments, journal, writer, probe, unlink } = this.#parts
    // A damaged one has left the segments by now: the next step picks anew.
    if ((await segments.sound([segment])).length === 0) return
    const done = Object.fromEntries(drops.map(({ key, untilMs }) => [key, untilMs]))
    const dropped = JSON.stringify({ ...droppedOf(segment), ...done })
    const { project, table, rolledUp, seqFrom, seqTo, day, minTimeMs, maxTimeMs, minSeries, maxSeries } = segment
    const source = { project, table, rolledUp, seqFrom, seqTo, suffix: randomBytes(4).toString('hex') }
    const bounds = { day, minTimeMs, maxTimeMs, minSeries, maxSeries }
    const record = await this.#withRest(segment, drops, (select) => writer.write(source, bounds, select))
    try {
      if (record.rows === 0 || record.rows === segment.rows) {
        await writer.discard([record])
        if (record.rows === 0) return this.#remove([segment])
        // None of these series was in it.
        journal.markDropped(segment.file, dropped)
        segment.dropped = dropped
        return
      }
      await writer.finish([record])
      record.dropped = dropped
      journal.replaceSegments({ added: [record], removed: [segment.file] })
    } catch (error) {
      if (journal.isCertain) await writer.discard([record])
      throw error
    }
    probe('retention.committed')
    segments.replace([record], [segment])
    unlink([segment])
    this.rewrites++
  }

  /** Runs `use` with a SELECT of the rows that stay, in their order. */
  async #withRest<T>(segment: Segment, drops: readonly Drop[], use: (select: string) => Promise<T>): Promise<T> {
    const { duck } = this.#parts
    const spec = tables[segment.table]
    const { time } = spec
    const conditions: string[] = []
    const nest = async (at: number): Promise<T> => {
      const drop = drops[at]
      if (drop === undefined) {
        const rest = `SELECT ${logicalColumns(spec).join(', ')} FROM ${parquetSource([segment])} WHERE ${conditions.join(' AND ')}`
        return use(`SELECT ${storedSql(spec)} FROM (${rest} ORDER BY ${orderSql(spec)})`)
      }
      const block = { rows: drop.series.length, columns: [drop.series] }
      return duck.withRows([{ name: 'series', type: UINTEGER }], block, (rows) => {
        conditions.push(`NOT (${time} < ${drop.untilMs} AND series IN (SELECT series FROM ${rows}))`)
        return nest(at + 1)
      })
    }
    return nest(0)
  }
}

function levelOf(table: TableName): { level: keyof RetentionOptions; bucketMs: number } {
  const level = levels.find(({ partials, sketch }) => table === partials || table === sketch)
  if (level !== undefined) return { level: `${level.name}Ms`, bucketMs: level.bucketMs }
  return { level: isRolledUpTable(table) ? 'rawMs' : 'eventsMs', bucketMs: 0 }
}

/** Those of the ascending numbers that lie in the range, both ends included. */
function within(series: Uint32Array, lowest: number, highest: number): Uint32Array {
  return series.subarray(countBelow(series, lowest), countBelow(series, highest + 1))
}

function countBelow(series: Uint32Array, limit: number): number {
  let [from, to] = [0, series.length]
  while (from < to) {
    const middle = (from + to) >>> 1
    if (series[middle]! < limit) from = middle + 1
    else to = middle
  }
  return from
}
