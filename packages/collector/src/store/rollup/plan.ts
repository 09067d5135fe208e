/** Turns an aggregate request into the slices of tables that answer it; hot rows come on top, whole and raw. */
import { Kind } from '@telltale/protocol'
import type { LevelTableName } from '../../journal/index.js'
import type { Slice } from '../range-view.js'
import type { AggregateRequest } from '../store.js'
import { DAY_MS } from '../tables.js'
import { type CoverGrid, cover } from './cover.js'
import { levels, SKETCH_OF_SAMPLES_MS } from './levels.js'

export interface AggregatePlan {
  /** Of `samples`, `hist` and the tables of partials. */
  points: Slice[]
  /** Of `samples`, `sketch` and the tables of sketch rows; empty where no sketch is wanted. */
  sketch: Slice[]
}

/** No sealed sample is later than `latestMs`. */
export function planAggregate(
  { kind, want }: AggregateRequest,
  asked: CoverGrid,
  latestMs = Number.POSITIVE_INFINITY,
): AggregatePlan {
  // Most ranges end now, in the middle of a bucket, and past all that is sealed: then the whole bucket is in range.
  const grid = latestMs < asked.endMs ? { ...asked, endMs: Math.ceil(asked.endMs / DAY_MS) * DAY_MS } : asked
  const isHistogram = kind === Kind.histogram
  return {
    points: joined(pointSlices(grid, isHistogram)),
    sketch: want.sketch ? joined(isHistogram ? sketchSlices(grid) : [slice('samples', grid)]) : [],
  }
}

/** The name of the coarsest resolution among these slices. */
export function resolutionOf(slices: readonly Slice[]): string {
  const tables = new Set<string>(slices.map(({ table }) => table))
  const coarsest = levels.findLast(({ partials, sketch }) => tables.has(partials) || tables.has(sketch ?? ''))
  return coarsest?.name ?? 'raw'
}

const levelTables: ReadonlySet<string> = new Set(levels.flatMap(({ partials, sketch }) => [partials, sketch ?? '']))

export function isLevelSlice(slice: Slice): slice is Slice & { table: LevelTableName } {
  return levelTables.has(slice.table)
}

function pointSlices(grid: CoverGrid, isHistogram: boolean): Slice[] {
  return cover(grid, levels).flatMap(({ level, ...interval }) => {
    const raw = isHistogram ? [slice('samples', interval), slice('hist', interval)] : [slice('samples', interval)]
    if (level === undefined) return raw
    return [slice(level.partials, interval), ...raw.map(onlyNotRolledUp)]
  })
}

function sketchSlices(grid: CoverGrid): Slice[] {
  const sketched = levels.filter(({ sketch }) => sketch !== undefined)
  return cover(grid, sketched).flatMap(({ level, ...interval }) => {
    const samples = slice('samples', interval)
    const sketch = slice('sketch', interval)
    if (level?.sketch === undefined) return [samples, sketch]
    const observed = level.bucketMs >= SKETCH_OF_SAMPLES_MS ? onlyNotRolledUp(samples) : samples
    return [slice(level.sketch, interval), observed, onlyNotRolledUp(sketch)]
  })
}

function slice(table: Slice['table'], { startMs, endMs }: { startMs: number; endMs: number }): Slice {
  return { table, startMs, endMs, onlyNotRolledUp: false }
}

function onlyNotRolledUp(whole: Slice): Slice {
  return { ...whole, onlyNotRolledUp: true }
}

/** Neighbours that are read alike become one. */
function joined(slices: readonly Slice[]): Slice[] {
  const result: Slice[] = []
  for (const next of slices) {
    const before = result.find(
      ({ table, onlyNotRolledUp, endMs }) =>
        table === next.table && onlyNotRolledUp === next.onlyNotRolledUp && endMs === next.startMs,
    )
    if (before === undefined) result.push({ ...next })
    else before.endMs = next.endMs
  }
  return result
}
