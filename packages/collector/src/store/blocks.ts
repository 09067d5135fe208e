/**
 * Row blocks: columns in JavaScript memory, between a committed batch and the hot table. Numbers go into typed arrays,
 * so that a block of a million samples is three memory copies away from DuckDB.
 */
import type { EventRow, HistogramColumns, SampleColumns, SessionRow, TaskRow } from '../model.js'
import { type TableSpec, tables } from './tables.js'

const FIRST_CAPACITY = 4096
const TWO_TO_32 = 4294967296

type NumericArray = Uint32Array | Int32Array | Float64Array | BigInt64Array

/** Rows of one table, as the table function hands them to DuckDB. */
export interface Block {
  readonly rows: number
  /** One array a column; typed arrays may be longer than `rows`. */
  readonly columns: readonly (NumericArray | readonly unknown[])[]
}

export interface WritableBlock<Rows> extends Block {
  /** Takes the rows in, and returns how many: rows that are not finite numbers stay out. */
  append(rows: Rows): number
  /** Forgets the rows and keeps the memory, where that is worth keeping. */
  clear?(): void
}

/** Whole milliseconds as 64-bit integers, written in two halves: a BigInt a row would cost more than all the rest. */
class TimeColumn {
  values: BigInt64Array
  #halves: Uint32Array

  constructor(capacity: number) {
    this.values = new BigInt64Array(capacity)
    this.#halves = new Uint32Array(this.values.buffer)
  }

  grow(capacity: number): void {
    this.values = grown(this.values, capacity)
    this.#halves = new Uint32Array(this.values.buffer)
  }

  set(row: number, timeMs: number): void {
    const whole = Math.floor(timeMs)
    const high = Math.floor(whole / TWO_TO_32)
    this.#halves[2 * row] = whole - high * TWO_TO_32
    this.#halves[2 * row + 1] = high
  }
}

export class SampleBlock implements WritableBlock<SampleColumns> {
  rows = 0
  #series = new Uint32Array(FIRST_CAPACITY)
  readonly #time = new TimeColumn(FIRST_CAPACITY)
  #value = new Float64Array(FIRST_CAPACITY)

  get columns(): NumericArray[] {
    return [this.#series, this.#time.values, this.#value]
  }

  append({ count, series, timeMs, value }: SampleColumns): number {
    this.#reserve(count)
    const before = this.rows
    let row = before
    for (let i = 0; i < count; i++) {
      const v = value[i]
      const t = timeMs[i]
      if (!isFinite2(v, t)) continue
      this.#series[row] = series[i]
      this.#time.set(row, t)
      this.#value[row] = v
      row++
    }
    this.rows = row
    return row - before
  }

  clear(): void {
    this.rows = 0
  }

  #reserve(more: number): void {
    const capacity = nextCapacity(this.#series.length, this.rows + more)
    if (capacity === this.#series.length) return
    this.#series = grown(this.#series, capacity)
    this.#time.grow(capacity)
    this.#value = grown(this.#value, capacity)
  }
}

export class HistogramBlock implements WritableBlock<HistogramColumns> {
  rows = 0
  #series = new Uint32Array(FIRST_CAPACITY)
  readonly #time = new TimeColumn(FIRST_CAPACITY)
  #numbers = [0, 1, 2, 3].map(() => new Float64Array(FIRST_CAPACITY))

  get columns(): NumericArray[] {
    return [this.#series, this.#time.values, ...this.#numbers]
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
      this.#time.set(row, timeMs[i])
      counts[row] = observations
      sums[row] = sum[i]
      mins[row] = min[i]
      maxs[row] = max[i]
      row++
    }
    this.rows = row
    return row - before
  }

  #reserve(more: number): void {
    const capacity = nextCapacity(this.#series.length, this.rows + more)
    if (capacity === this.#series.length) return
    this.#series = grown(this.#series, capacity)
    this.#time.grow(capacity)
    this.#numbers = this.#numbers.map((column) => grown(column, capacity))
  }
}

export class SketchBlock implements WritableBlock<HistogramColumns> {
  rows = 0
  #series = new Uint32Array(FIRST_CAPACITY)
  readonly #time = new TimeColumn(FIRST_CAPACITY)
  #key = new Int32Array(FIRST_CAPACITY)
  #count = new Uint32Array(FIRST_CAPACITY)

  get columns(): NumericArray[] {
    return [this.#series, this.#time.values, this.#key, this.#count]
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
        this.#time.set(row, timeMs[i])
        this.#key[row] = key[entry]
        this.#count[row] = bucketCount[entry]
        row++
      }
    }
    this.rows = row
    return row - before
  }

  #reserve(more: number): void {
    const capacity = nextCapacity(this.#series.length, this.rows + more)
    if (capacity === this.#series.length) return
    this.#series = grown(this.#series, capacity)
    this.#time.grow(capacity)
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
