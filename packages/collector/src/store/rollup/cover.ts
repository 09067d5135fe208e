/**
 * Which resolution answers which part of a range: disjoint intervals, without a gap, the coarsest level in the middle and
 * finer ones towards both edges.
 *
 *   start                                                                    end
 *     ├ raw ┼── 1m ──┼──────────────── 1h ────────────────┼── 1m ──┼── raw ──┤
 */
import { FIRST_ROLLED_UP_MS, type Level } from './levels.js'

export interface Interval {
  /** Undefined: raw rows. */
  level: Level | undefined
  /** Half-open. */
  startMs: number
  endMs: number
}

export interface CoverGrid {
  /** Whole milliseconds, half-open. */
  startMs: number
  endMs: number
  /** Buckets asked for; stepMs 0: one bucket that holds the whole range. */
  originMs: number
  stepMs: number
}

/** Ascending intervals that fill the range; at most seven with `levels`. `levels` come finest first. */
export function cover(grid: CoverGrid, levels: readonly Level[]): Interval[] {
  const usable = levels.filter((level) => nests(level, grid)).reverse()
  const intervals: Interval[] = []
  const firstRolledUp = Math.min(grid.endMs, Math.max(grid.startMs, FIRST_ROLLED_UP_MS))
  fill(grid.startMs, firstRolledUp, [], intervals)
  fill(firstRolledUp, grid.endMs, usable, intervals)
  return intervals
}

/** Every bucket of the level lies within one bucket of the grid. */
function nests({ bucketMs }: Level, { originMs, stepMs }: CoverGrid): boolean {
  if (stepMs === 0) return true
  return stepMs % bucketMs === 0 && originMs % bucketMs === 0
}

/** `usable` comes coarsest first. */
function fill(startMs: number, endMs: number, usable: readonly Level[], into: Interval[]): void {
  if (startMs >= endMs) return
  const [level, ...finer] = usable
  if (level === undefined) {
    into.push({ level, startMs, endMs })
    return
  }
  const first = Math.ceil(startMs / level.bucketMs) * level.bucketMs
  const last = Math.floor(endMs / level.bucketMs) * level.bucketMs
  if (first >= last) {
    fill(startMs, endMs, finer, into)
    return
  }
  const edges = finer.filter((candidate) => candidate.onEdges)
  fill(startMs, first, edges, into)
  into.push({ level, startMs: first, endMs: last })
  fill(last, endMs, edges, into)
}
