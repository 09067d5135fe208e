/** A client with a test collector behind it, and what arrived there, series by series. */
import type { DecodedBatch, KindCode } from '@telltale/protocol'
import { type Client, type ClientOptions, init } from '../index.js'
import { TestCollector } from './collector.js'

/** All that arrived of one series. */
export interface Reading {
  name: string
  kind: KindCode
  unit: string
  attributes: Record<string, string>
  /** Samples of a gauge or deltas of a counter; of a histogram the sum of each interval. */
  values: number[]
  /** Observations of a histogram, else the number of values. */
  count: number
}

export class Recording {
  readonly collector = new TestCollector()
  readonly warnings: string[] = []
  readonly logger = { warn: (message: string) => this.warnings.push(message) }
  client!: Client

  static async start(options: ClientOptions = {}): Promise<Recording> {
    const recording = new Recording()
    await recording.collector.start()
    recording.client = init({
      endpoint: recording.collector.endpoint,
      service: 'test',
      flushIntervalMs: 3_600_000,
      logger: recording.logger,
      ...options,
    })
    return recording
  }

  async stop(): Promise<void> {
    await this.client.close()
    await this.collector.stop()
  }

  /** Flushes, then gives every series so far, those of `prefix` alone where it is given. */
  async readings(prefix = ''): Promise<Reading[]> {
    await this.client.flush()
    const readings = new Map<string, Reading>()
    for (const batch of this.collector.stored.values()) gather(batch, readings)
    return [...readings.values()].filter(({ name }) => name.startsWith(prefix))
  }

  /** The one series of this name whose attributes include these; undefined where there is none. */
  async reading(name: string, attributes: Record<string, string> = {}): Promise<Reading | undefined> {
    const fitting = (await this.readings()).filter(
      (one) => one.name === name && Object.entries(attributes).every(([key, value]) => one.attributes[key] === value),
    )
    if (fitting.length > 1) throw new Error(`${fitting.length} series of ${name} fit: ${JSON.stringify(fitting)}`)
    return fitting[0]
  }

  /** Flushes until `look` finds something, for 10 seconds at most: what is read by timers takes its time. */
  async until<T>(look: () => Promise<T | undefined>): Promise<T> {
    for (const deadlineMs = Date.now() + 10_000; ; ) {
      const found = await look()
      if (found !== undefined) return found
      if (Date.now() > deadlineMs) {
        throw new Error(`Nothing came. Warnings: ${this.warnings.join('; ')}. There are: ${await this.#names()}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  async #names(): Promise<string> {
    return JSON.stringify((await this.readings()).map(({ name, attributes }) => [name, attributes]))
  }
}

function gather(batch: DecodedBatch, readings: Map<string, Reading>): void {
  const add = (place: number, value: number, count: number) => {
    const reading = readingOf(batch, place, readings)
    reading.values.push(value)
    reading.count += count
  }
  const { samples, points, histograms } = batch
  for (let i = 0; i < (samples?.count ?? 0); i++) add(samples!.series[i], samples!.value[i], 1)
  for (let i = 0; i < (points?.count ?? 0); i++) add(points!.series[i], points!.value[i], 1)
  for (let i = 0, bucket = 0; i < (histograms?.count ?? 0); i++) {
    let count = 0
    for (const end = bucket + histograms!.buckets[i]; bucket < end; bucket++) count += histograms!.bucketCount[bucket]
    add(histograms!.series[i], histograms!.sum[i], count)
  }
}

function readingOf(batch: DecodedBatch, place: number, readings: Map<string, Reading>): Reading {
  const { strings } = batch
  const { name, kind, unit, attributes: refs } = batch.series[place]
  const attributes: Record<string, string> = {}
  for (let i = 0; i < refs.length; i += 2) attributes[strings[refs[i]]] = strings[refs[i + 1]]
  const key = JSON.stringify([strings[name], attributes])
  const known = readings.get(key)
  if (known !== undefined) return known
  const reading = { name: strings[name], kind, unit: strings[unit], attributes, values: [], count: 0 }
  readings.set(key, reading)
  return reading
}
