/** Answers → a grid with names on both sides: how values are spread over time, or how two tags meet. */
import type { HistogramResult, Tags } from '@telltale/protocol/api'
import type { GroupValue } from '../../chart/categories.js'
import { type HeatGrid, type HeatRange, heatRange } from '../../chart/heat.js'
import { formatBucketTime } from '../../format/time.js'
import { formatValue } from '../../format/unit.js'

export interface HeatModel extends HeatGrid {
  range: HeatRange
  /** Name of a column and of a row, in full. */
  columnName: (column: number) => string
  rowName: (row: number) => string
  /** What stands beside the rows, from the top; empty where there is no room. */
  rowLabels: string[]
  /** What stands below the columns; undefined: the columns are times. */
  columnLabels: string[] | undefined
  /** Start of each column, Unix ms; none for categories. */
  timesMs: readonly number[]
  stepMs: number
  /** Tags of the whole grid, or of a cell. */
  tagsAt: (column: number, row: number) => Tags
}

const maxRowLabels = 6

export function spreadModel(result: HistogramResult, unit: string, timeZone: string | undefined): HeatModel {
  const { timestamps, rows, cells, meta } = result
  const values = new Float64Array(timestamps.length * rows.length).fill(Number.NaN)
  cells.count.forEach((count, i) => {
    values[(rows.length - 1 - cells.row[i]) * timestamps.length + cells.time[i]] = count
  })
  const grid = { columns: timestamps.length, rows: rows.length, values }
  // Rows double and double again: each label is read on its own, so each has its own scale of units.
  const format = (value: number) => formatValue(value, unit)
  const bounds = (row: number) => rows[rows.length - 1 - row]
  const every = Math.max(1, Math.ceil(rows.length / maxRowLabels))
  return {
    ...grid,
    range: heatRange(grid),
    columnName: (column) => formatBucketTime(timestamps[column], meta.step_ms, timeZone),
    rowName: (row) => `${format(bounds(row).lower)} – ${format(bounds(row).upper)}`,
    rowLabels: rows.map((_, row) => ((rows.length - 1 - row) % every === 0 ? format(bounds(row).lower) : '')),
    columnLabels: undefined,
    timesMs: timestamps,
    stepMs: meta.step_ms,
    tagsAt: () => ({}),
  }
}

/** The first tag makes the columns, the second the rows, both by their totals, the largest first. */
export function crossModel(values: readonly GroupValue[], missing: string): HeatModel {
  const columns = new Map<string, number>()
  const rows = new Map<string, number>()
  const names = ({ tags }: GroupValue) => Object.values(tags).map((tag) => tag ?? missing)
  for (const each of values) {
    const [column, row] = names(each)
    columns.set(column, (columns.get(column) ?? 0) + each.value)
    rows.set(row, (rows.get(row) ?? 0) + each.value)
  }
  const ordered = (totals: Map<string, number>) => [...totals].sort((a, b) => b[1] - a[1]).map(([name]) => name)
  const columnNames = ordered(columns)
  const rowNames = ordered(rows)
  const cells = new Float64Array(columnNames.length * rowNames.length).fill(Number.NaN)
  const tags = new Map<number, Tags>()
  for (const each of values) {
    const [column, row] = names(each)
    const at = rowNames.indexOf(row) * columnNames.length + columnNames.indexOf(column)
    cells[at] = each.value
    tags.set(at, each.tags)
  }
  const grid = { columns: columnNames.length, rows: rowNames.length, values: cells }
  return {
    ...grid,
    range: heatRange(grid),
    columnName: (column) => columnNames[column],
    rowName: (row) => rowNames[row],
    rowLabels: rowNames,
    columnLabels: columnNames,
    timesMs: [],
    stepMs: 0,
    tagsAt: (column, row) => tags.get(row * columnNames.length + column) ?? {},
  }
}
