/**
 * Cuts rows into batches of the wire. The cuts depend on the file alone, and each batch is named by the file's hash and its
 * number: an import that is run again sends the same batches, and the collector stores each once.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type Batch, encodeBatch } from '@telltale/protocol'
import type { ImportRow, Reader } from './rows.js'

export interface ImportBatch {
  payload: Uint8Array
  /** Line of each row. */
  lines: number[]
}

const maxRows = 5000
const maxSeries = 5000
const maxTextLength = 1024 * 1024
/** The wire has times as 32-bit differences, which reach over 24 days. */
const maxTimeStepMs = 2_000_000_000

/** What makes two imports the same one. */
export async function streamIdOf(path: string, ...settings: string[]): Promise<Uint8Array> {
  const hash = createHash('sha256').update(JSON.stringify(['telltale-import-1', ...settings]))
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer)
  return new Uint8Array(hash.digest().subarray(0, 16))
}

export async function* batchesOf(reader: Reader, streamId: Uint8Array): AsyncGenerator<ImportBatch> {
  let sequence = 0
  let builder = new BatchBuilder()
  for await (const { rows } of reader) {
    for (const row of rows) {
      if (!builder.takes(row)) {
        yield builder.build(streamId, sequence++)
        builder = new BatchBuilder()
      }
      builder.add(row)
    }
  }
  if (builder.rows > 0) yield builder.build(streamId, sequence)
}

class BatchBuilder {
  readonly #strings = new Map([['', 0]])
  readonly #seriesByKey = new Map<string, number>()
  readonly #series: Batch['series'] = []
  readonly #lines: number[] = []
  readonly #seriesColumn: number[] = []
  readonly #timeMs: number[] = []
  readonly #value: number[] = []
  #textLength = 0

  get rows(): number {
    return this.#lines.length
  }

  takes({ timeMs }: ImportRow): boolean {
    if (this.rows === 0) return true
    return (
      this.rows < maxRows &&
      this.#series.length < maxSeries &&
      this.#textLength < maxTextLength &&
      Math.abs(timeMs - this.#timeMs.at(-1)!) <= maxTimeStepMs
    )
  }

  add({ line, metric, kind, unit, timeMs, value, tags }: ImportRow): void {
    const key = JSON.stringify([metric, kind, unit, tags])
    let series = this.#seriesByKey.get(key)
    if (series === undefined) {
      const attributes = tags.map((text) => this.#ref(text))
      series =
        this.#series.push({ name: this.#ref(metric), kind, unit: this.#ref(unit), description: 0, attributes }) - 1
      this.#seriesByKey.set(key, series)
    }
    this.#lines.push(line)
    this.#seriesColumn.push(series)
    this.#timeMs.push(timeMs)
    this.#value.push(value)
  }

  build(streamId: Uint8Array, sequence: number): ImportBatch {
    const batchId = new Uint8Array(
      createHash('sha256').update(streamId).update(String(sequence)).digest().subarray(0, 16),
    )
    const payload = encodeBatch({
      sentTimeMs: Date.now(),
      batchId,
      streamId,
      sequence,
      baseTimeMs: this.#timeMs[0]!,
      strings: [...this.#strings.keys()],
      resource: [],
      series: this.#series,
      samples: { count: this.rows, series: this.#seriesColumn, timeMs: this.#timeMs, value: this.#value },
      drops: [],
    })
    return { payload, lines: this.#lines }
  }

  #ref(text: string): number {
    const known = this.#strings.get(text)
    if (known !== undefined) return known
    this.#textLength += text.length
    this.#strings.set(text, this.#strings.size)
    return this.#strings.size - 1
  }
}
