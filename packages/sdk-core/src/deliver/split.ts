/** Cuts a batch that the collector does not take into two halves by rows; each becomes a batch of its own. */
import {
  type AttributeColumn,
  type Batch,
  decodeBatch,
  type Events,
  type F64Column,
  type Histograms,
  Signal,
  type Steps,
  type Tasks,
  type U32Column,
} from '@telltale/protocol'
import type { RowCalls, SealedBatch } from '../batch/sealed-batch.js'
import type { Sealer } from '../batch/sealer.js'
import { compact } from './compact.js'

/** Cuts a batch in two; undefined where it cannot. */
export type Splitter = (sealed: SealedBatch, sealer: Sealer) => [SealedBatch, SealedBatch] | undefined

/** Undefined where the batch holds a single row, and cannot be cut. */
export function splitBatch(sealed: SealedBatch, sealer: Sealer): [SealedBatch, SealedBatch] | undefined {
  let rows = 0
  for (const table of sealed.tables) rows += table.rows
  if (rows < 2) return undefined
  const batch = decodeBatch(sealed.bytes)
  const middle = rows >> 1
  return [part(batch, sealed, sealer, 0, middle), part(batch, sealed, sealer, middle, rows)]
}

/** Rows `from` ≤ row < `to`, counted over all tables in the order of `sealed.tables`. */
function part(batch: Batch, sealed: SealedBatch, sealer: Sealer, from: number, to: number): SealedBatch {
  // The first part tells of earlier losses; the second would tell of them twice.
  const drops = from === 0 ? sealed.drops : []
  const content: Parameters<Sealer['encodePart']>[0] = {
    strings: batch.strings,
    resource: batch.resource,
    series: batch.series,
    drops: from === 0 ? batch.drops : [],
  }
  const tables: RowCalls[] = []
  let offset = 0
  for (const table of sealed.tables) {
    const start = Math.min(table.rows, Math.max(0, from - offset))
    const end = Math.min(table.rows, Math.max(0, to - offset))
    offset += table.rows
    if (start >= end) continue
    tables.push(cutCalls(table, start, end))
    if (table.signal === Signal.sample && batch.samples) content.samples = cutColumns(batch.samples, start, end)
    if (table.signal === Signal.point && batch.points) content.points = cutColumns(batch.points, start, end)
    if (table.signal === Signal.histogram && batch.histograms) {
      content.histograms = cutHistograms(batch.histograms, start, end)
    }
    if (table.signal === Signal.event && batch.events) content.events = cutRows(batch.events, start, end)
    if (table.signal === Signal.task && batch.tasks) content.tasks = cutTasks(batch.tasks, start, end)
  }
  const cut = sealer.encodePart(compact(content), tables, drops)
  // Its times are those of the whole, written when less may have been known of the clock.
  cut.skewMs = sealed.skewMs
  return cut
}

function cutCalls(table: RowCalls, start: number, end: number): RowCalls {
  const byRow = table.byRow?.slice(start, end)
  const total = byRow === undefined ? end - start : byRow.reduce((sum, calls) => sum + calls, 0)
  return { signal: table.signal, rows: end - start, total, byRow }
}

/** Cuts every column; what is no column stays. Not for tables with columns of other lengths. */
function cutColumns<T extends { count: number }>(table: T, start: number, end: number): T {
  const entries = Object.entries(table).map(([name, column]) => [
    name,
    isColumn(column) ? column.slice(start, end) : column,
  ])
  return { ...Object.fromEntries(entries), count: end - start }
}

function isColumn(value: unknown): value is Uint32Array | Float64Array {
  return value instanceof Uint32Array || value instanceof Float64Array
}

function cutHistograms(table: Histograms, start: number, end: number): Histograms {
  const sum = (from: number, to: number) => {
    let total = 0
    for (let row = from; row < to; row++) total += table.buckets[row]
    return total
  }
  const first = sum(0, start)
  const last = first + sum(start, end)
  const { key, bucketCount, ...rest } = table
  return { ...cutColumns(rest, start, end), key: key.slice(first, last), bucketCount: bucketCount.slice(first, last) }
}

function cutRows<T extends Events | Tasks>(table: T, start: number, end: number): T {
  return {
    ...cutColumns(table, start, end),
    attributes: table.attributes.flatMap((one) => cutAttribute(one, start, end)),
  }
}

function cutTasks(table: Tasks, start: number, end: number): Tasks {
  const steps = table.steps
  if (steps === undefined) return cutRows(table, start, end)
  const [from, to] = within(steps.row, start, end)
  const cut: Steps = {
    count: to - from,
    row: rebased(steps.row, from, to, start),
    name: steps.name.slice(from, to),
    offsetMs: steps.offsetMs.slice(from, to),
  }
  return { ...cutRows(table, start, end), steps: cut.count > 0 ? cut : undefined }
}

function cutAttribute(column: AttributeColumn, start: number, end: number): AttributeColumn[] {
  if (column.row === undefined) return [{ ...column, value: column.value.slice(start, end) as U32Column | F64Column }]
  const [from, to] = within(column.row, start, end)
  if (from === to) return []
  const value = column.value.slice(from, to) as U32Column | F64Column
  return [{ ...column, row: rebased(column.row, from, to, start), value }]
}

/** The positions of ascending `rows` that hold rows from `start` to before `end`. */
function within(rows: U32Column, start: number, end: number): [from: number, to: number] {
  let from = 0
  while (from < rows.length && rows[from] < start) from++
  let to = from
  while (to < rows.length && rows[to] < end) to++
  return [from, to]
}

function rebased(rows: U32Column, from: number, to: number, start: number): number[] {
  const cut: number[] = []
  for (let i = from; i < to; i++) cut.push(rows[i] - start)
  return cut
}
