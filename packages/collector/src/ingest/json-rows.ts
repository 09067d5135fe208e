/**
 * `POST /v1/rows` → a wire batch, so that the rows of pages take the same way in as those of every other sender.
 *
 * Pages take names and values from anywhere. What would make the whole batch unreadable is left out, cut or refused here, row by
 * row; everything else is for the pipeline to judge.
 */
import {
  type Batch,
  encodeBatch,
  isSketchKey,
  Kind,
  type Rejection,
  Signal,
  type SignalCode,
  TaskStatus,
} from '@telltale/protocol'
import type { RowsAck, RowsIngest } from '@telltale/protocol/api'
import type { ProjectId } from '../model.js'
import { type AdmissionSettings, type RejectionReason, timeReason, timeWindow } from './admission.js'
import { allRowsRejected, type IntakeResult } from './intake.js'
import { AttributeColumns, Dictionary } from './json-columns.js'
import { isName } from './numbering.js'

export interface JsonRowsOptions {
  intake: { take(project: ProjectId, payload: Uint8Array): Promise<IntakeResult> }
  settings: AdmissionSettings
  now?: () => number
}

const maxValueBytes = 4096
const maxIdBytes = 256
/** Of one row, resource included. */
const maxAttributes = 32
const maxDrops = 100
/** Clocks of pages that are off by less are left alone: a request takes its time, too. */
const toleratedSkewMs = 30_000

const kinds = {
  counter: Kind.counter,
  up_down_counter: Kind.upDownCounter,
  gauge: Kind.gauge,
  histogram: Kind.histogram,
} as const
const idColumns = { 'user.id': 'user', 'org.id': 'org', 'session.id': 'session' } as const
type IdColumn = (typeof idColumns)[keyof typeof idColumns]

export async function takeJsonRows(options: JsonRowsOptions, project: ProjectId, rows: RowsIngest): Promise<RowsAck> {
  const nowMs = (options.now ?? Date.now)()
  const converter = new Converter(options.settings, rows, nowMs)
  const batch = converter.batch()
  if (converter.kept === 0 && converter.refused > 0) throw allRowsRejected(converter.rejections())
  const result = await options.intake.take(project, encodeBatch(batch))
  const late = result.rejected.reduce((calls, rejection) => calls + converter.callsOf(rejection), 0)
  return {
    batch_id: rows.batch_id,
    rejected: converter.refused + late,
    reason: converter.reason ?? result.rejected[0]?.reason,
    duplicate: result.duplicate,
  }
}

class Converter {
  /** Rows that go on. */
  kept = 0
  /** Calls behind rows that do not. */
  refused = 0
  reason: RejectionReason | undefined
  readonly #rows: RowsIngest
  readonly #nowMs: number
  readonly #window: ReturnType<typeof timeWindow>
  readonly #skewMs: number
  readonly #dictionary = new Dictionary()
  readonly #resource: [key: string, value: string | number | boolean][]
  /** Attributes that a row may have. */
  #room = maxAttributes
  /** Calls behind each row that goes on, by signal. */
  readonly #calls = new Map<SignalCode, number[]>()

  constructor(settings: AdmissionSettings, rows: RowsIngest, nowMs: number) {
    this.#rows = rows
    this.#nowMs = nowMs
    this.#window = timeWindow(settings, nowMs)
    const skewMs = nowMs - rows.sent_ms
    this.#skewMs = Math.abs(skewMs) > toleratedSkewMs ? skewMs : 0
    this.#resource = this.#values(rows.resource)
    this.#room = maxAttributes - this.#resource.length
  }

  rejections(): Rejection[] {
    return [
      { signal: Signal.event, reason: this.reason ?? 'invalid_name', count: this.refused, row: new Uint32Array() },
    ]
  }

  /** Rows that are counted but not named are taken from the start: the sum matters, not which. */
  callsOf({ signal, count, row }: Rejection): number {
    const calls = this.#calls.get(signal) ?? []
    let sum = 0
    for (const at of row) sum += calls[at] ?? 0
    for (let at = 0; at < count - row.length; at++) sum += calls[at] ?? 0
    return sum
  }

  batch(): Batch {
    const rows = this.#rows
    const dictionary = this.#dictionary
    const resource = this.#resource.flatMap(([key, value]) => [dictionary.ref(key), dictionary.ref(`${value}`)])
    const batch: Batch = {
      sentTimeMs: this.#nowMs,
      batchId: bytesOf(rows.batch_id),
      streamId: bytesOf(rows.stream_id),
      sequence: rows.sequence,
      baseTimeMs: this.#nowMs,
      strings: dictionary.strings,
      resource,
      series: [],
      drops: [],
    }
    this.#metrics(batch)
    this.#events(batch)
    this.#tasks(batch)
    for (const [key, count] of Object.entries(rows.drops).slice(0, maxDrops)) {
      const [signal, reason] = key.split(':')
      batch.drops.push({ signal: Signal[signal as 'event' | 'task' | 'sample'], reason: dictionary.ref(reason), count })
    }
    return batch
  }

  #events(batch: Batch): void {
    const attributes = new AttributeColumns(this.#dictionary)
    const name: number[] = []
    const timeMs: number[] = []
    const ids: Record<IdColumn, number[]> = { user: [], org: [], session: [] }
    for (const event of this.#rows.events) {
      const time = event.time_ms + this.#skewMs
      if (!this.#admit(Signal.event, 1, event.name, time)) continue
      const row = name.push(this.#dictionary.ref(event.name)) - 1
      timeMs.push(time)
      for (const column of Object.values(idColumns)) ids[column].push(0)
      for (const [key, value] of this.#values(event.properties)) {
        if (key in idColumns) ids[idColumns[key as keyof typeof idColumns]][row] = this.#dictionary.ref(`${value}`)
        else attributes.add(row, key, value)
      }
    }
    if (name.length > 0) batch.events = { count: name.length, name, timeMs, ...ids, attributes: attributes.list() }
  }

  #tasks(batch: Batch): void {
    const ref = (value: unknown, maxBytes = maxIdBytes) =>
      this.#dictionary.ref(typeof value === 'string' ? truncate(value, maxBytes) : '')
    const attributes = new AttributeColumns(this.#dictionary)
    const tasks = this.#rows.tasks.filter((task) =>
      this.#admit(Signal.task, 1, task.type, task.start_ms + this.#skewMs + task.duration_ms),
    )
    const steps = { row: [] as number[], name: [] as number[], offsetMs: [] as number[] }
    const messages: number[] = []
    for (const [row, task] of tasks.entries()) {
      const values = this.#values(task.properties)
      const message = values.find(([key]) => key === 'error.message')?.[1]
      messages.push(ref(message, maxValueBytes))
      for (const [key, value] of values) {
        if (key !== 'error.message') attributes.add(row, key, value, task.tags.includes(key))
      }
      for (const [name, offsetMs] of task.steps) {
        if (!fits(name)) continue
        steps.row.push(row)
        steps.name.push(ref(name))
        steps.offsetMs.push(offsetMs)
      }
    }
    if (tasks.length === 0) return
    batch.tasks = {
      count: tasks.length,
      type: tasks.map(({ type }) => this.#dictionary.ref(type)),
      timeMs: tasks.map(({ start_ms }) => start_ms + this.#skewMs),
      durationMs: tasks.map(({ duration_ms }) => duration_ms),
      status: tasks.map(({ status }) => TaskStatus[status]),
      id: tasks.map(({ id }) => ref(id)),
      attempt: tasks.map(({ attempt }) =>
        Number.isInteger(attempt) && (attempt as number) > 0 ? (attempt as number) : 1,
      ),
      parentId: tasks.map(({ parent_id }) => ref(parent_id)),
      traceId: tasks.map(({ trace_id }) => ref(trace_id)),
      errorType: tasks.map(({ error_type }) => ref(error_type)),
      errorMessage: messages,
      queueWaitMs: tasks.map(({ queue_wait_ms: waitMs }) => (typeof waitMs === 'number' ? waitMs : Number.NaN)),
      attributes: attributes.list(),
      steps: { count: steps.row.length, ...steps },
    }
  }

  #metrics(batch: Batch): void {
    const interval = { startMs: this.#rows.start_ms + this.#skewMs, endMs: this.#rows.end_ms + this.#skewMs }
    const samples = { count: 0, series: [] as number[], timeMs: [] as number[], value: [] as number[] }
    const points = { count: 0, ...interval, series: [] as number[], value: [] as number[] }
    const numbers = () => [] as number[]
    const histograms = {
      ...{ count: 0, ...interval, series: numbers(), sum: numbers(), min: numbers(), max: numbers() },
      ...{ buckets: numbers(), key: numbers(), bucketCount: numbers() },
    }
    for (const metric of this.#rows.metrics) {
      const kind = kinds[metric.kind]
      const signal = kind === Kind.gauge ? Signal.sample : kind === Kind.histogram ? Signal.histogram : Signal.point
      const timeMs = kind === Kind.gauge ? metric.time_ms + this.#skewMs : interval.endMs
      const buckets = kind === Kind.histogram ? sorted(metric.buckets) : []
      if (!buckets) {
        this.#refuse(metric.calls, 'invalid_histogram')
        continue
      }
      if (!this.#admit(signal, metric.calls, metric.name, timeMs)) continue
      const place = batch.series.push(this.#series(metric, kind)) - 1
      if (kind === Kind.gauge) {
        samples.count = samples.series.push(place)
        samples.timeMs.push(timeMs)
        samples.value.push(metric.last)
      } else if (kind === Kind.histogram) {
        histograms.count = histograms.series.push(place)
        histograms.sum.push(metric.sum)
        histograms.min.push(metric.min)
        histograms.max.push(metric.max)
        histograms.buckets.push(buckets.length)
        for (const [key, count] of buckets) {
          histograms.key.push(key)
          histograms.bucketCount.push(count)
        }
      } else {
        points.count = points.series.push(place)
        points.value.push(metric.sum)
      }
    }
    if (samples.count > 0) batch.samples = samples
    if (points.count > 0) batch.points = points
    if (histograms.count > 0) batch.histograms = histograms
  }

  #series(metric: RowsIngest['metrics'][number], kind: Batch['series'][number]['kind']): Batch['series'][number] {
    const ref = (text: string) => this.#dictionary.ref(truncate(text, maxIdBytes))
    const attributes = this.#values(metric.attributes)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([key, value]) => [this.#dictionary.ref(key), this.#dictionary.ref(`${value}`)])
    const { unit, description } = metric
    return { name: ref(metric.name), kind, unit: ref(unit), description: ref(description), attributes }
  }

  /** What the wire can carry of properties. */
  #values(properties: Record<string, unknown>): [key: string, value: string | number | boolean][] {
    const values: [string, string | number | boolean][] = []
    for (const [key, value] of Object.entries(properties)) {
      if (values.length >= this.#room) break
      if (!fits(key) || value === '') continue
      if (typeof value === 'string') values.push([key, truncate(value, maxValueBytes)])
      else if (typeof value === 'number' || typeof value === 'boolean') values.push([key, value])
    }
    return values
  }

  /** Times are checked here as well as in the pipeline: the wire's time columns do not reach from 1970 to today. */
  #admit(signal: SignalCode, calls: number, name: string, timeMs: number): boolean {
    const refused = fits(name) ? timeReason(timeMs, this.#window) : 'invalid_name'
    if (refused) {
      this.#refuse(calls, refused)
      return false
    }
    this.kept++
    const list = this.#calls.get(signal)
    if (list) list.push(calls)
    else this.#calls.set(signal, [calls])
    return true
  }

  #refuse(calls: number, reason: RejectionReason): void {
    this.refused += calls
    this.reason ??= reason
  }
}

/** Ascending, each key once; undefined where a key names no bucket. */
function sorted(buckets: [key: number, count: number][]): [number, number][] | undefined {
  const ordered = [...buckets].sort((a, b) => a[0] - b[0])
  const sound = ordered.every(([key], i) => isSketchKey(key) && (i === 0 || key > ordered[i - 1][0]))
  return sound && ordered.length > 0 ? ordered : undefined
}

/** The wire's limit on names is one of the whole batch, so that it is kept here, row by row. */
function fits(name: string): boolean {
  return isName(name) && truncate(name, maxIdBytes) === name
}

/** The longest prefix of at most `maxBytes` UTF-8 bytes, never splitting a character. */
function truncate(text: string, maxBytes: number): string {
  if (text.length * 3 <= maxBytes) return text
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(maxBytes))
  return text.slice(0, read)
}

function bytesOf(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'))
}
