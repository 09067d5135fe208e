/** Cuts partial aggregates by time and puts them together again: what a cache of them needs. */
import type { Partials } from '../store/store.js'

const none = new Float64Array(0)

export const emptyPartials: Partials = {
  asOf: 0,
  resolution: 'raw',
  rows: 0,
  group: new Uint32Array(0),
  bucketMs: none,
  count: none,
  sum: none,
  min: none,
  max: none,
  last: none,
  lastMs: none,
  sketch: { rows: 0, group: new Uint32Array(0), bucketMs: none, key: new Int32Array(0), count: none },
}

const resolutions = ['raw', '1m', '5m', '1h', '1d']

export function coarsest(names: readonly string[]): string {
  return resolutions[Math.max(...names.map((name) => resolutions.indexOf(name)))] ?? 'raw'
}

type NumberColumn = 'bucketMs' | 'count' | 'sum' | 'min' | 'max' | 'last' | 'lastMs'
const columns: readonly NumberColumn[] = ['bucketMs', 'count', 'sum', 'min', 'max', 'last', 'lastMs']

/** The rows whose buckets start in fromMs ≤ t < toMs, in columns of their own. */
export function cutPartials(partials: Partials, fromMs: number, toMs: number): Partials {
  const kept = rowsBetween(partials.bucketMs, partials.rows, fromMs, toMs)
  const cut: Partials = { ...partials, rows: kept.length, group: new Uint32Array(kept.length) }
  for (let i = 0; i < kept.length; i++) cut.group[i] = partials.group[kept[i]!]!
  for (const name of columns) cut[name] = pick(partials[name], kept)

  const { sketch } = partials
  const entries = rowsBetween(sketch.bucketMs, sketch.rows, fromMs, toMs)
  cut.sketch = {
    rows: entries.length,
    group: new Uint32Array(entries.length),
    bucketMs: pick(sketch.bucketMs, entries),
    key: new Int32Array(entries.length),
    count: pick(sketch.count, entries),
  }
  for (let i = 0; i < entries.length; i++) {
    cut.sketch.group[i] = sketch.group[entries[i]!]!
    cut.sketch.key[i] = sketch.key[entries[i]!]!
  }
  return cut
}

/** One answer of several, whose buckets rise from each part to the next and that were asked for the same columns. */
export function joinPartials(parts: readonly Partials[]): Partials {
  const first = parts[0]
  if (first === undefined) return emptyPartials
  if (parts.length === 1) return first
  const rows = parts.reduce((total, part) => total + part.rows, 0)
  const joined: Partials = {
    ...first,
    asOf: Math.min(...parts.map(({ asOf }) => asOf)),
    resolution: coarsest(parts.map(({ resolution }) => resolution)),
    rows,
    group: new Uint32Array(rows),
    sketch: joinSketches(parts.map(({ sketch }) => sketch)),
  }
  for (let i = 0, at = 0; i < parts.length; at += parts[i++]!.rows) joined.group.set(parts[i]!.group, at)
  for (const name of columns) {
    // A part without rows may have left out its columns altogether.
    const isWanted = parts.some((part) => part[name].length > 0)
    joined[name] = isWanted ? new Float64Array(rows) : none
    for (let i = 0, at = 0; isWanted && i < parts.length; at += parts[i++]!.rows) joined[name].set(parts[i]![name], at)
  }
  return joined
}

export function partialsBytes({ rows, sketch, ...partials }: Partials): number {
  const numbers = columns.reduce((total, name) => total + partials[name].length, 0)
  return rows * 4 + numbers * 8 + sketch.rows * 24
}

/** Sketch rows come by group, then bucket, then key; buckets rise from part to part, so groups are taken in turn. */
function joinSketches(sketches: readonly Partials['sketch'][]): Partials['sketch'] {
  const filled = sketches.filter(({ rows }) => rows > 0)
  if (filled.length <= 1) return filled[0] ?? emptyPartials.sketch
  const rows = filled.reduce((total, sketch) => total + sketch.rows, 0)
  const joined: Partials['sketch'] = {
    rows,
    group: new Uint32Array(rows),
    bucketMs: new Float64Array(rows),
    key: new Int32Array(rows),
    count: new Float64Array(rows),
  }
  const at = filled.map(() => 0)
  for (let to = 0; to < rows; ) {
    let group = Number.POSITIVE_INFINITY
    for (let i = 0; i < filled.length; i++) {
      if (at[i]! < filled[i]!.rows) group = Math.min(group, filled[i]!.group[at[i]!]!)
    }
    for (let i = 0; i < filled.length; i++) {
      const sketch = filled[i]!
      const from = at[i]!
      let end = from
      while (end < sketch.rows && sketch.group[end] === group) end++
      if (end === from) continue
      joined.group.fill(group, to, to + end - from)
      joined.bucketMs.set(sketch.bucketMs.subarray(from, end), to)
      joined.key.set(sketch.key.subarray(from, end), to)
      joined.count.set(sketch.count.subarray(from, end), to)
      to += end - from
      at[i] = end
    }
  }
  return joined
}

function rowsBetween(bucketMs: Float64Array, rows: number, fromMs: number, toMs: number): Uint32Array {
  const kept = new Uint32Array(rows)
  let count = 0
  for (let i = 0; i < rows; i++) if (bucketMs[i]! >= fromMs && bucketMs[i]! < toMs) kept[count++] = i
  return kept.slice(0, count)
}

function pick(values: Float64Array, rows: Uint32Array): Float64Array {
  if (values.length === 0) return none
  const picked = new Float64Array(rows.length)
  for (let i = 0; i < rows.length; i++) picked[i] = values[rows[i]!]!
  return picked
}
