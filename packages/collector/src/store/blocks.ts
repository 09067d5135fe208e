/**
 * Row blocks: columns in JavaScript memory, between a committed batch and the hot table. Numbers go into typed arrays,
 * so that a block of a million samples is three memory copies away from DuckDB.
 */
import type { EventRow, HistogramColumns, SampleColumns, SessionRow, TaskRow } from '../model.js'
import { type TableSpec, tables } from './tables.js'

const FIRST_CAPACITY = 4096
/** A block with more rows is followed by another: none has to grow past what its capacity of a power of two holds. */
const FULL_ROWS = 240 * 1024

export type NumericArray = Uint32Array | Int32Array | Float64Array

/** Rows of one table, as the table function hands them to DuckDB. */
export interface Block {
  readonly rows: number
  /** One array a column; typed arrays may be longer than `rows`. */
  readonly columns: readonly (NumericArray | readonly unknown[])[]
}

export interface WritableBlock<Rows> extends Block {
  /** Takes the rows in, and returns how many: rows that are not finite numbers stay out. */
  append(rows: Rows): number
  /** Takes no more rows. */
  readonly isFull: boolean
}

/** Rows of numbers alone, which are kept until they are sealed. Times are doubles, as a 64-bit integer would be a BigInt. */
export interface NumberBlock<Rows> extends WritableBlock<Rows> {
  readonly columns: readonly NumericArray[]
  /** Forgets the rows and keeps the memory. */
  clear(): void
}

export class SampleBlock implements NumberBlock<SampleColumns> {
  rows = 0
  #series = new Uint32Array(FIRST_CAPACITY)
  #time = new Float64Array(FIRST_CAPACITY)
  #value = new Float64Array(FIRST_CAPACITY)

  get columns(): NumericArray[] {
    return [this.#series, this.#time, this.#value]
  }

  append({ count, series, timeMs, value }: SampleColumns): number {
    this.#reserve(count)
    const [ids, times, values] = [this.#series, this.#time, this.#value]
    const before = this.rows
    let row = before
    for (let i = 0; i < count; i++) {
      const v = value[i]
      const t = timeMs[i]
      if (!isFinite2(v, t)) continue
      ids[row] = series[i]
      times[row] = Math.floor(t)
      values[row] = v
      row++
    }
    this.rows = row
    return row - before
  }

  get isFull(): boolean {
    return this.rows >= FULL_ROWS
  }

  clear(): void {
    this.rows = 0
  }

  #reserve(more: number): void {
    const capacity = nextCapacity(this.#series.length, this.rows + more)
    if (capacity === this.#series.length) return
    this.#series = grown(this.#series, capacity)
    this.#time = grown(this.#time, capacity)
    this.#value = grown(this.#value, capacity)
  }
}

export class HistogramBlock implements NumberBlock<HistogramColumns> {
  rows = 0
  #series = new Uint32Array(FIRST_CAPACITY)
  #time = new Float64Array(FIRST_CAPACITY)
  #numbers = [0, 1, 2, 3].map(() => new Float64Array(FIRST_CAPACITY))

  get columns(): NumericArray[] {
    return [this.#series, this.#time, ...this.#numbers]
  }

  append({ count, series, timeMs, sum, min, max, buckets, bucketCount }: HistogramColumns): number {
    this.#reserve(count)
    const [counts, sums, mins, maxs] = this.#numbers
    const before = this.rows
    let row = before
    let entry = 0
    for (let i = 0; i < count; i++) {
      let observations = 0
      for (const end = entry + buckets[i]; entry < end; entry++) observations += bucketCount[entry]
      if (!isFinite2(sum[i], timeMs[i]) || !isFinite2(min[i], max[i])) continue
      this.#series[row] = series[i]
      this.#time[row] = Math.floor(timeMs[i])
      counts[row] = observations
      sums[row] = sum[i]
      mins[row] = min[i]
      maxs[row] = max[i]
      row++
    }
    this.rows = row
    return row - before
  }

  get isFull(): boolean {
    return this.rows >= FULL_ROWS
  }

  clear(): void {
    this.rows = 0
  }

  #reserve(more: number): void {
    const capacity = nextCapacity(this.#series.length, this.rows + more)
    if (capacity === this.#series.length) return
    this.#series = grown(this.#series, capacity)
    this.#time = grown(this.#time, capacity)
    this.#numbers = this.#numbers.map((column) => grown(column, capacity))
  }
}

export class SketchBlock implements NumberBlock<HistogramColumns> {
  rows = 0
  #series = new Uint32Array(FIRST_CAPACITY)
  #time = new Float64Array(FIRST_CAPACITY)
  #key = new Int32Array(FIRST_CAPACITY)
  #count = new Uint32Array(FIRST_CAPACITY)

  get columns(): NumericArray[] {
    return [this.#series, this.#time, this.#key, this.#count]
  }

  append({ count, series, timeMs, sum, min, max, buckets, key, bucketCount }: HistogramColumns): number {
    let entries = 0
    for (let i = 0; i < count; i++) entries += buckets[i]
    this.#reserve(entries)
    const before = this.rows
    let row = before
    let entry = 0
    for (let i = 0; i < count; i++) {
      const end = entry + buckets[i]
      // The same rows stay out as of the table of histograms, or counts and quantiles would disagree.
      if (!isFinite2(sum[i], timeMs[i]) || !isFinite2(min[i], max[i])) entry = end
      for (; entry < end; entry++) {
        this.#series[row] = series[i]
        this.#time[row] = Math.floor(timeMs[i])
        this.#key[row] = key[entry]
        this.#count[row] = bucketCount[entry]
        row++
      }
    }
    this.rows = row
    return row - before
  }

  get isFull(): boolean {
    return this.rows >= FULL_ROWS
  }

  clear(): void {
    this.rows = 0
  }

  #reserve(more: number): void {
    const capacity = nextCapacity(this.#series.length, this.rows + more)
    if (capacity === this.#series.length) return
    this.#series = grown(this.#series, capacity)
    this.#time = grown(this.#time, capacity)
    this.#key = grown(this.#key, capacity)
    this.#count = grown(this.#count, capacity)
  }
}

/** Rows with texts in them: one plain array a column, filled by `cells`. */
export class RowBlock<Row> implements WritableBlock<readonly Row[]> {
  readonly columns: unknown[][]
  readonly #timeMs: (row: Row) => number
  readonly #cells: (row: Row) => unknown[]

  constructor(spec: TableSpec, timeMs: (row: Row) => number, cells: (row: Row) => unknown[]) {
    this.columns = spec.columns.map(() => [])
    this.#timeMs = timeMs
    this.#cells = cells
  }

  get rows(): number {
    return this.columns[0].length
  }

  get isFull(): boolean {
    return this.rows >= FULL_ROWS
  }

  append(rows: readonly Row[]): number {
    const before = this.rows
    for (const row of rows) {
      if (!Number.isFinite(this.#timeMs(row))) continue
      const cells = this.#cells(row)
      for (let c = 0; c < cells.length; c++) this.columns[c].push(cells[c])
    }
    return this.rows - before
  }
}

export const newTaskBlock = (): RowBlock<TaskRow> => new RowBlock(tables.tasks, (t) => t.startMs, taskCells)
export const newEventBlock = (): RowBlock<EventRow> => new RowBlock(tables.events, (e) => e.timeMs, eventCells)
export const newSessionBlock = (): RowBlock<SessionRow> => new RowBlock(tables.sessions, (s) => s.startMs, sessionCells)

const wholeMs = (timeMs: number): bigint => BigInt(Math.floor(timeMs))

const taskCells = (t: TaskRow): unknown[] => [
  t.id,
  t.type,
  wholeMs(t.startMs),
  t.durationMs,
  t.status,
  t.attempt,
  t.parentId,
  t.traceId,
  t.errorType,
  t.errorMessage,
  t.queueWaitMs,
  t.cpuTimeMs,
  t.cpuUsagePercent,
  t.cpuMethod,
  t.memoryUsageMb,
  JSON.stringify(t.context),
  JSON.stringify(t.steps),
]

const eventCells = (e: EventRow): unknown[] => [
  wholeMs(e.timeMs),
  e.name,
  e.id,
  e.userId,
  e.orgId,
  e.sessionId,
  JSON.stringify(e.attributes),
]

const sessionCells = (s: SessionRow): unknown[] => [
  s.id,
  wholeMs(s.startMs),
  s.durationMs,
  s.userId,
  s.orgId,
  s.events,
  s.pageViews,
  s.entry,
  s.exit,
  s.referrer,
  JSON.stringify(s.attributes),
]

/** Both are finite: x − x is NaN for the infinities and for NaN. */
function isFinite2(a: number, b: number): boolean {
  return a - a + (b - b) === 0
}

function nextCapacity(capacity: number, needed: number): number {
  let next = capacity
  while (next < needed) next *= 2
  return next
}

function grown<A extends NumericArray>(array: A, capacity: number): A {
  const larger = new (array.constructor as new (length: number) => A)(capacity)
  larger.set(array as never)
  return larger
}
