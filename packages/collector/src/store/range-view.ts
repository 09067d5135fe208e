/** What one read sees: the hot rows and the segments of a project and range, as they were at one batch. */
import type { TableName } from '../journal/index.js'
import type { HotRows, HotView } from './hot.js'
import { parquetSource, type SegmentRange, type Segments } from './segments.js'
import { int } from './sql.js'
import { tables } from './tables.js'

interface TableView {
  hot: HotView[]
  sealed: string | undefined
}

export class RangeView {
  /** The highest batch whose rows are included; so are all before it. */
  readonly asOf: number
  readonly #range: Omit<SegmentRange, 'table'>
  readonly #tables: ReadonlyMap<TableName, TableView>

  private constructor(asOf: number, range: Omit<SegmentRange, 'table'>, views: ReadonlyMap<TableName, TableView>) {
    this.asOf = asOf
    this.#range = range
    this.#tables = views
  }

  static async take(
    hot: HotRows,
    segments: Segments,
    range: Omit<SegmentRange, 'table'>,
    names: readonly TableName[],
  ): Promise<RangeView> {
    // Both halves before the first await: a seal moves rows from one to the other between two turns.
    const asOf = hot.flushedSeq
    const taken = names.map((name) => ({
      name,
      hot: hot.views(range.project, name),
      candidates: segments.select({ ...range, table: name }),
    }))
    const views = new Map<TableName, TableView>()
    for (const { name, hot: rows, candidates } of taken) {
      views.set(name, { hot: rows, sealed: parquetSource(await segments.sound(candidates)) })
    }
    return new RangeView(asOf, range, views)
  }

  /** SELECTs of these columns from every place that holds rows of the table in range. */
  selects(name: TableName, columns: string): string[] {
    const view = this.#tables.get(name)
    if (view === undefined) return []
    const { time, series } = tables[name]
    const { startMs, endMs, minSeries, maxSeries } = this.#range
    const where = [`${time} >= ${int(startMs)}`, `${time} < ${int(endMs)}`]
    if (series !== undefined && minSeries !== undefined && maxSeries !== undefined) {
      where.push(`${series} BETWEEN ${int(minSeries)} AND ${int(maxSeries)}`)
    }
    const inRange = where.join(' AND ')
    const selects = view.hot.map(
      ({ table, rows }) => `SELECT ${columns} FROM ${table} WHERE rowid < ${int(rows)} AND ${inRange}`,
    )
    if (view.sealed !== undefined) selects.push(`SELECT ${columns} FROM ${view.sealed} WHERE ${inRange}`)
    return selects
  }
}
