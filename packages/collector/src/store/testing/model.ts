/** The store as a child would write it: arrays and loops. Answers of real stores are compared with it. */
import { Kind, keyOf } from '@telltale/protocol'
import type { NumberedBatch } from '../../model.js'
import type { AggregateRequest, Partials } from '../store.js'

interface Partial {
  count: number
  sum: number
  min: number
  max: number
  lastMs: number
  /** Values at `lastMs`: any of them is right. */
  last: number[]
  sketch: Map<number, number>
}

export class ModelStore {
  readonly #seen = new Set<string>()
  readonly batches: NumberedBatch[] = []

  /** False for a duplicate. */
  append(batch: NumberedBatch): boolean {
    const name = `${batch.project}:${batch.streamId.join()}:${batch.sequence}`
    if (this.#seen.has(name)) return false
    this.#seen.add(name)
    this.batches.push(batch)
    return true
  }

  aggregate(request: AggregateRequest): Map<string, Partial> {
    const groups = new Map([...request.series].map((series, i) => [series, request.group[i]]))
    const found = new Map<string, Partial>()
    const at = (series: number, time: number): Partial | undefined => {
      const timeMs = Math.floor(time)
      const group = groups.get(series)
      if (group === undefined || timeMs < request.startMs || timeMs >= request.endMs) return undefined
      const key = `${group}@${bucketOf(request, timeMs)}`
      const empty = { count: 0, sum: 0, min: Infinity, max: -Infinity, lastMs: -Infinity, last: [], sketch: new Map() }
      const partial = found.get(key) ?? empty
      found.set(key, partial)
      return partial
    }
    for (const { columns } of this.batches.filter((b) => b.project === request.project)) {
      const { samples: s, histograms: h } = columns
      for (let i = 0; i < (s?.count ?? 0); i++) {
        const value = s!.value[i]
        if (!Number.isFinite(value)) continue
        const partial = at(s!.series[i], s!.timeMs[i])
        if (partial !== undefined) add(partial, Math.floor(s!.timeMs[i]), 1, value, value, value, [[keyOf(value), 1]])
      }
      if (request.kind !== Kind.histogram || h === undefined) continue
      for (let i = 0, entry = 0; i < h.count; entry += h.buckets[i], i++) {
        const entries = Array.from(
          { length: h.buckets[i] },
          (_, e) => [h.key[entry + e], h.bucketCount[entry + e]] as const,
        )
        const count = entries.reduce((sum, [, n]) => sum + n, 0)
        const partial = at(h.series[i], h.timeMs[i])
        if (partial !== undefined) add(partial, Math.floor(h.timeMs[i]), count, h.sum[i], h.min[i], h.max[i], entries)
      }
    }
    return found
  }
}

function bucketOf({ startMs, originMs, stepMs }: AggregateRequest, timeMs: number): number {
  return stepMs === 0 ? startMs : originMs + Math.floor((timeMs - originMs) / stepMs) * stepMs
}

function add(
  partial: Partial,
  timeMs: number,
  count: number,
  sum: number,
  min: number,
  max: number,
  sketch: readonly (readonly [number, number])[],
): void {
  partial.count += count
  partial.sum += sum
  partial.min = Math.min(partial.min, min)
  partial.max = Math.max(partial.max, max)
  if (timeMs > partial.lastMs) partial.last = []
  partial.lastMs = Math.max(partial.lastMs, timeMs)
  if (timeMs === partial.lastMs) partial.last.push(sum / Math.max(count, 1))
  for (const [key, n] of sketch) partial.sketch.set(key, (partial.sketch.get(key) ?? 0) + n)
}

/** What differs between an answer with everything wanted and the model's; empty where they agree. */
export function differences(answer: Partials, expected: Map<string, Partial>): string[] {
  const wrong: string[] = []
  const seen = new Set<string>()
  for (let i = 0; i < answer.rows; i++) {
    const key = `${answer.group[i]}@${answer.bucketMs[i]}`
    const want = expected.get(key)
    if (seen.has(key)) wrong.push(`${key} comes twice`)
    seen.add(key)
    if (want === undefined) {
      wrong.push(`${key} has no data`)
      continue
    }
    if (answer.count[i] !== want.count) wrong.push(`${key} count ${answer.count[i]}, not ${want.count}`)
    if (!close(answer.sum[i], want.sum)) wrong.push(`${key} sum ${answer.sum[i]}, not ${want.sum}`)
    if (answer.min[i] !== want.min) wrong.push(`${key} min ${answer.min[i]}, not ${want.min}`)
    if (answer.max[i] !== want.max) wrong.push(`${key} max ${answer.max[i]}, not ${want.max}`)
    if (answer.lastMs[i] !== want.lastMs) wrong.push(`${key} lastMs ${answer.lastMs[i]}, not ${want.lastMs}`)
    if (!want.last.some((value) => close(answer.last[i], value))) wrong.push(`${key} last ${answer.last[i]}`)
  }
  for (const key of expected.keys()) if (!seen.has(key)) wrong.push(`${key} is missing`)
  return [...wrong, ...sketchDifferences(answer, expected)]
}

function sketchDifferences({ sketch }: Partials, expected: Map<string, Partial>): string[] {
  const wrong: string[] = []
  const got = new Map<string, number>()
  for (let i = 0; i < sketch.rows; i++) {
    const key = `${sketch.group[i]}@${sketch.bucketMs[i]}#${sketch.key[i]}`
    if (got.has(key)) wrong.push(`${key} comes twice`)
    got.set(key, sketch.count[i])
    if (i > 0 && order(sketch, i - 1, i) >= 0) wrong.push(`${key} is out of order`)
  }
  for (const [place, partial] of expected) {
    for (const [key, count] of partial.sketch) {
      const name = `${place}#${key}`
      if (got.get(name) !== count) wrong.push(`${name} count ${got.get(name)}, not ${count}`)
      got.delete(name)
    }
  }
  return [...wrong, ...[...got.keys()].map((key) => `${key} has no data`)]
}

function order(sketch: Partials['sketch'], a: number, b: number): number {
  return sketch.group[a] - sketch.group[b] || sketch.bucketMs[a] - sketch.bucketMs[b] || sketch.key[a] - sketch.key[b]
}

function close(a: number, b: number): boolean {
  return a === b || Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b))
}
