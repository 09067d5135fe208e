/** What one read sees: hot rows and slices of segments of a project, as they were at one batch. */
import type { RawTableName, TableName } from '../journal/index.js'
import type { ProjectId } from '../model.js'
import type { HotPiece, HotRows, HotView, NumberTableName } from './hot.js'
import type { Segment, Segments } from './segments.js'
import { int } from './sql.js'
import { parquetSource } from './stored.js'
import { tables } from './tables.js'

export interface ReadRange {
  project: ProjectId
  /** Half-open. */
  startMs: number
  endMs: number
  /** Inclusive; only for tables with series. */
  minSeries?: number
  maxSeries?: number
  /** Code of the metric that all series are of, where they are of one. */
  metric?: number
}

/** The sealed rows of one table in a part of the range. */
export interface Slice {
  table: TableName
  /** Half-open. */
  startMs: number
  endMs: number
  /** Leaves out segments whose rows are in the rollups. */
  onlyNotRolledUp: boolean
}

/** Says which slices are to be read, given a time after which no sealed sample lies. */
export type Planner = (latestMs: number) => readonly Slice[]

/** Where hot rows are read: in DuckDB, which must have been flushed, or where they lie. */
export type HotSource = { duck: readonly RawTableName[] } | { memory: readonly NumberTableName[] }

export class RangeView {
  /** The highest batch whose rows are included; so are all before it. */
  readonly asOf: number
  readonly #range: ReadRange
  readonly #hot = new Map<RawTableName, HotView[]>()
  readonly #pieces = new Map<NumberTableName, HotPiece[]>()
  readonly #sealed = new Map<Slice, readonly Segment[]>()

  private constructor(asOf: number, range: ReadRange) {
    this.asOf = asOf
    this.#range = range
  }

  static async take(
    hot: HotRows,
    segments: Segments,
    range: ReadRange,
    source: HotSource,
    plan: Planner,
  ): Promise<RangeView> {
    // All of it before the first await: seals and merges move rows from one place to another between two turns.
    const slices = plan(segments.latestMs(range.project))
    const view = new RangeView('duck' in source ? hot.flushedSeq : hot.addedSeq, range)
    if ('duck' in source) for (const name of source.duck) view.#hot.set(name, hot.views(range.project, name))
    else for (const name of source.memory) view.#pieces.set(name, hot.pieces(range.project, name))
    const taken = slices.map((slice) => ({ slice, candidates: segments.select({ ...range, ...slice }) }))
    for (const { slice, candidates } of taken) {
      const sound = await segments.sound(candidates)
      if (sound.length > 0) view.#sealed.set(slice, sound)
    }
    return view
  }

  /** Is there any segment for the slice? */
  has(slice: Slice): boolean {
    return this.#sealed.has(slice)
  }

  segments(slice: Slice): readonly Segment[] {
    return this.#sealed.get(slice) ?? []
  }

  /** Hot rows of the table where they lie, whatever their time and series. */
  pieces(name: NumberTableName): readonly HotPiece[] {
    return this.#pieces.get(name) ?? []
  }

  /** SELECTs of these columns from the hot rows of the table in range that are in DuckDB. */
  hot(name: RawTableName, columns: string): string[] {
    const inRange = this.#where(name, this.#range)
    const views = this.#hot.get(name) ?? []
    return views.map(({ table, rows }) => `SELECT ${columns} FROM ${table} WHERE rowid < ${int(rows)} AND ${inRange}`)
  }

  /** SELECTs of these columns from the slices that have segments. */
  sealed(slices: readonly Slice[], columns: string): string[] {
    return slices.flatMap((slice) => {
      const { startMs, endMs, table } = slice
      const { metric } = this.#range
      const [inside, cut] = this.#byCover(slice)
      // Where all rows of a file are in the slice, their times need not even be read.
      const whole = parquetSource(inside, { metric })
      const part = parquetSource(cut, { startMs, endMs, metric })
      return [
        ...(whole === undefined ? [] : [`SELECT ${columns} FROM ${whole} WHERE ${this.#seriesWhere(table) ?? 'true'}`]),
        ...(part === undefined ? [] : [`SELECT ${columns} FROM ${part} WHERE ${this.#where(table, slice)}`]),
      ]
    })
  }

  #byCover(slice: Slice): [inside: Segment[], cut: Segment[]] {
    const inside: Segment[] = []
    const cut: Segment[] = []
    for (const segment of this.segments(slice)) {
      const isInside = segment.minTimeMs >= slice.startMs && segment.maxTimeMs < slice.endMs
      if (isInside) inside.push(segment)
      else cut.push(segment)
    }
    return [inside, cut]
  }

  #where(name: TableName, { startMs, endMs }: { startMs: number; endMs: number }): string {
    const { time } = tables[name]
    const where = [`${time} >= ${int(startMs)}`, `${time} < ${int(endMs)}`, this.#seriesWhere(name)]
    return where.filter((term) => term !== undefined).join(' AND ')
  }

  #seriesWhere(name: TableName): string | undefined {
    const { series } = tables[name]
    const { minSeries, maxSeries } = this.#range
    if (series === undefined || minSeries === undefined || maxSeries === undefined) return undefined
    return `${series} BETWEEN ${int(minSeries)} AND ${int(maxSeries)}`
  }
}

/** Half-open ranges of any numbers, as those of whole milliseconds. */
export function wholeMs({ project, startMs, endMs }: { project: ProjectId; startMs: number; endMs: number }) {
  return { project, startMs: Math.ceil(startMs), endMs: Math.ceil(endMs) }
}
