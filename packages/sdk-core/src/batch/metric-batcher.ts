/** Changed cells → batches of points, samples and histograms, on schema pages that stay the same between flushes. */
import { type Histograms, type Points, type Samples, Signal } from '@telltale/protocol'
import { type Cell, GaugeCell, SumCell } from '../aggregate/cell.js'
import { HistogramCell } from '../aggregate/histogram-cell.js'
import { SchemaPage } from './schema-page.js'
import { counted } from './sealed-batch.js'
import type { BatchContent, Sealer } from './sealer.js'

/** Below the wire's 200,000, with room for the last row: a sketch has a few thousand buckets at the very most. */
const maxBucketsPerBatch = 150_000

/** The rows of one page in the making. Arrays are kept between flushes and overwritten. */
interface Rows {
  readonly points: { series: number[]; value: number[]; calls: number[] }
  readonly samples: { series: number[]; timeMs: number[]; value: number[]; calls: number[] }
  readonly histograms: Omit<Record<keyof Histograms, number[]>, 'count' | 'startMs' | 'endMs'> & { calls: number[] }
}

export class MetricBatcher {
  readonly #sealer: Sealer
  readonly #maxRows: number
  #pages: SchemaPage[] = []
  #lastFlushMs: number

  constructor(sealer: Sealer, maxRows: number) {
    this.#sealer = sealer
    this.#maxRows = maxRows
    this.#lastFlushMs = sealer.nowMs()
  }

  /** Empties `changed`. Every cell in it ends up in a batch, cleared. */
  flush(changed: Cell[]): void {
    const startMs = this.#lastFlushMs
    const endMs = this.#sealer.nowMs()
    this.#lastFlushMs = endMs
    if (changed.length === 0) return
    for (const [page, cells] of this.#byPage(changed)) {
      this.#sealPage(page, cells, startMs, endMs)
      page.used(cells.length)
    }
    changed.length = 0
    this.#pages = this.#pages.filter((page) => !page.retired)
  }

  #byPage(changed: readonly Cell[]): Map<SchemaPage, Cell[]> {
    const groups = new Map<SchemaPage, Cell[]>()
    for (const cell of changed) {
      const page = cell.page === undefined || cell.page.retired ? this.#place(cell) : cell.page
      const group = groups.get(page)
      if (group === undefined) groups.set(page, [cell])
      else group.push(cell)
    }
    return groups
  }

  #place(cell: Cell): SchemaPage {
    let page = this.#pages.at(-1)
    if (page === undefined || page.full || page.retired) {
      page = new SchemaPage(this.#sealer.resource, {
        maxSeries: this.#maxRows,
        maxStringBytes: this.#sealer.maxBatchBytes,
        maxStrings: this.#sealer.maxStrings,
      })
      this.#pages.push(page)
    }
    page.place(cell)
    return page
  }

  #sealPage(page: SchemaPage, cells: readonly Cell[], startMs: number, endMs: number): void {
    let rows = emptyRows()
    let buckets = 0
    for (const cell of cells) {
      if (buckets > maxBucketsPerBatch) {
        this.#seal(page, rows, startMs, endMs)
        rows = emptyRows()
        buckets = 0
      }
      if (cell instanceof SumCell) addPoint(rows.points, cell)
      else if (cell instanceof GaugeCell) addSample(rows.samples, cell)
      else if (cell instanceof HistogramCell) buckets += addHistogram(rows.histograms, cell)
      cell.clear()
    }
    this.#seal(page, rows, startMs, endMs)
  }

  #seal(page: SchemaPage, rows: Rows, startMs: number, endMs: number): void {
    const toUnixMs = (monotonicMs: number) => this.#sealer.timeline.toUnixMs(monotonicMs)
    const interval = { startMs: toUnixMs(startMs), endMs: toUnixMs(endMs) }
    const { points, samples, histograms } = rows
    const content: BatchContent = {
      strings: page.dictionary,
      resource: page.resource,
      series: page.series,
      tables: [],
    }
    if (samples.series.length > 0) {
      const table: Samples = { ...samples, count: samples.series.length, timeMs: samples.timeMs.map(toUnixMs) }
      content.samples = table
      content.tables.push(counted(Signal.sample, samples.calls))
    }
    if (points.series.length > 0) {
      const table: Points = { ...points, ...interval, count: points.series.length }
      content.points = table
      content.tables.push(counted(Signal.point, points.calls))
    }
    if (histograms.series.length > 0) {
      const table: Histograms = { ...histograms, ...interval, count: histograms.series.length }
      content.histograms = table
      content.tables.push(counted(Signal.histogram, histograms.calls))
    }
    this.#sealer.seal(content)
  }
}

function emptyRows(): Rows {
  return {
    points: { series: [], value: [], calls: [] },
    samples: { series: [], timeMs: [], value: [], calls: [] },
    histograms: { series: [], sum: [], min: [], max: [], buckets: [], key: [], bucketCount: [], calls: [] },
  }
}

function addPoint(rows: Rows['points'], cell: SumCell): void {
  rows.series.push(cell.index)
  rows.value.push(cell.sum)
  rows.calls.push(cell.calls)
}

function addSample(rows: Rows['samples'], cell: GaugeCell): void {
  rows.series.push(cell.index)
  rows.timeMs.push(cell.setAtMs)
  rows.value.push(cell.value)
  rows.calls.push(cell.calls)
}

/** Returns the number of buckets that the row takes. */
function addHistogram(rows: Rows['histograms'], cell: HistogramCell): number {
  const before = rows.key.length
  const buckets = cell.writeColumns(rows.key, rows.bucketCount, before) - before
  rows.series.push(cell.index)
  rows.sum.push(cell.sum)
  rows.min.push(cell.min)
  rows.max.push(cell.max)
  rows.buckets.push(buckets)
  rows.calls.push(cell.calls)
  return buckets
}
