/**
 * The collector's own measures as series of the default project: what `/metrics` shows as `telltale_x` is kept as
 * `telltale.x`. Every tick becomes one batch, on the same way in as everybody's; it is not counted on that way, so
 * that an idle collector shows an idle collector.
 */
import { randomBytes } from 'node:crypto'
import { type Batch, encodeBatch, Kind, type KindCode, type Sketch } from '@telltale/protocol'
import { ownMetricPrefix } from './model.js'
import type { Measured, MeasuredHistogram } from './telemetry.js'

/** Streams that begin with this are the collector's own; nobody else knows it. */
export const ownStreamBytes = 12

export interface SelfMetricsOptions {
  /** `ownStreamBytes` random bytes that only this installation knows. */
  secret: Uint8Array
  intervalMs: number
  read(): Promise<Measured[]>
  /** Resolves once the batch is durable. */
  take(payload: Uint8Array): Promise<unknown>
  onFailure(error: unknown): void
  now?: () => number
}

export class SelfMetrics {
  readonly #options: SelfMetricsOptions
  readonly #now: () => number
  readonly #stream: Uint8Array
  readonly #timer: NodeJS.Timeout | undefined
  /** Counters as they were when they were last stored. */
  readonly #before = new Map<string, number>()
  /** Observations that are not stored yet. */
  #waiting = new Map<string, MeasuredHistogram>()
  #sequence = 0
  #lastMs: number
  #running: Promise<void> | undefined

  constructor(options: SelfMetricsOptions) {
    this.#options = options
    this.#now = options.now ?? Date.now
    this.#lastMs = this.#now()
    this.#stream = Buffer.concat([options.secret, randomBytes(16 - options.secret.length)])
    if (options.intervalMs > 0) this.#timer = setInterval(() => void this.tick(), options.intervalMs).unref()
  }

  /** One at a time: where storage is slower than the interval, ticks are left out. */
  tick(): Promise<void> {
    this.#running ??= this.#tick()
      .catch((error) => this.#options.onFailure(error))
      .finally(() => {
        this.#running = undefined
      })
    return this.#running
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#running
  }

  async #tick(): Promise<void> {
    const measured = await this.#options.read()
    const nowMs = this.#now()
    const builder = new Builder(this.#lastMs, nowMs)
    const counters = new Map<string, number>()
    for (const one of measured) {
      const key = keyOf(one)
      if (one.type === 'histogram') {
        const known = this.#waiting.get(key)
        if (known) known.sketch.merge(one.sketch)
        else this.#waiting.set(key, one)
      } else if (one.type === 'gauge') builder.sample(one, one.value)
      else {
        // What was counted before the first tick belongs to the time since the start.
        builder.point(one, Math.max(0, one.value - (this.#before.get(key) ?? 0)))
        counters.set(key, one.value)
      }
    }
    for (const one of this.#waiting.values()) builder.histogram(one, one.sketch)
    // A clock that was set back would give an interval that ends before it starts.
    const isForward = nowMs > this.#lastMs
    this.#lastMs = nowMs
    if (!isForward) return
    await this.#options.take(encodeBatch(builder.batch(this.#stream, this.#sequence++)))
    // What could not be stored goes with the next tick: only now is it settled.
    for (const [key, value] of counters) this.#before.set(key, value)
    this.#waiting = new Map()
  }
}

class Builder {
  readonly #strings = ['']
  readonly #refs = new Map([['', 0]])
  readonly #series: Batch['series'] = []
  readonly #samples = { count: 0, series: [] as number[], timeMs: [] as number[], value: [] as number[] }
  readonly #points: { count: number; startMs: number; endMs: number; series: number[]; value: number[] }
  readonly #histograms: NonNullable<Batch['histograms']> & Record<'sum' | 'min' | 'max' | 'series', number[]>
  readonly #nowMs: number

  constructor(startMs: number, endMs: number) {
    const numbers = () => [] as number[]
    this.#nowMs = endMs
    this.#points = { count: 0, startMs, endMs, series: [], value: [] }
    this.#histograms = {
      ...{ count: 0, startMs, endMs, series: numbers(), sum: numbers(), min: numbers(), max: numbers() },
      ...{ buckets: numbers(), key: numbers(), bucketCount: numbers() },
    }
  }

  sample(one: Measured, value: number): void {
    if (!Number.isFinite(value)) return
    this.#samples.count = this.#samples.series.push(this.#place(one, Kind.gauge))
    this.#samples.timeMs.push(this.#nowMs)
    this.#samples.value.push(value)
  }

  point(one: Measured, value: number): void {
    this.#points.count = this.#points.series.push(this.#place(one, Kind.counter))
    this.#points.value.push(value)
  }

  histogram(one: Measured, sketch: Sketch): void {
    if (sketch.count === 0) return
    const into = this.#histograms
    const { key, bucketCount } = sketch.toColumns()
    into.count = into.series.push(this.#place(one, Kind.histogram))
    into.sum.push(sketch.sum)
    into.min.push(sketch.min)
    into.max.push(sketch.max)
    ;(into.buckets as number[]).push(key.length)
    ;(into.key as number[]).push(...key)
    ;(into.bucketCount as number[]).push(...bucketCount)
  }

  batch(streamId: Uint8Array, sequence: number): Batch {
    return {
      sentTimeMs: this.#nowMs,
      batchId: randomBytes(16),
      streamId,
      sequence,
      baseTimeMs: this.#nowMs,
      strings: this.#strings,
      resource: [],
      series: this.#series,
      ...(this.#samples.count > 0 ? { samples: this.#samples } : {}),
      ...(this.#points.count > 0 ? { points: this.#points } : {}),
      ...(this.#histograms.count > 0 ? { histograms: this.#histograms } : {}),
      drops: [],
    }
  }

  #place({ name, help, labels }: Measured, kind: KindCode): number {
    const attributes = Object.entries(labels)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([key, value]) => [this.#ref(key), this.#ref(value)])
    const series = {
      name: this.#ref(ownName(name)),
      kind,
      unit: this.#ref(unitOf(name)),
      description: this.#ref(help),
      attributes,
    }
    return this.#series.push(series) - 1
  }

  #ref(text: string): number {
    const known = this.#refs.get(text)
    if (known !== undefined) return known
    this.#refs.set(text, this.#strings.length)
    return this.#strings.push(text) - 1
  }
}

/** `telltale_ingest_rows_total` → `telltale.ingest_rows_total`, `process_cpu_seconds_total` → `telltale.process_cpu_seconds_total`. */
function ownName(name: string): string {
  return `${ownMetricPrefix}${name.replace(/^telltale_/, '')}`
}

function unitOf(name: string): string {
  if (/_bytes(_total)?$/.test(name)) return 'By'
  return /_seconds(_total)?$/.test(name) ? 's' : ''
}

function keyOf({ name, labels }: Measured): string {
  return JSON.stringify([name, labels])
}
