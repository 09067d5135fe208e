/**
 * The time axis of a query: a range and a step become the edges of buckets, and the coarsest uniform grid on which the
 * store can aggregate them.
 *
 * Steps that fit a wall clock (parts of a day above 15 minutes, days, weeks from Monday, months) follow the time zone,
 * so a bucket may be an hour longer or shorter where clocks change. All other steps are counted from the epoch.
 */
import { TelltaleError } from '../errors.js'
import { dayMs, formatDuration, hourMs, minuteMs, parseDurationMs, type Range, secondMs, weekMs } from './time.js'
import type { Zone } from './zone.js'

export const maxBuckets = 11_000
const autoBuckets = 300

export type Step =
  /** One bucket: the whole range. */
  | { type: 'none' }
  /** A fixed length, counted from the epoch. */
  | { type: 'fixed'; ms: number }
  /** A length on the wall clock: parts of a day, days or weeks. */
  | { type: 'wall'; ms: number }
  | { type: 'month' }

export interface Axis extends Range {
  /** Bucket i is edges[i] ≤ t < edges[i + 1]; the outer edges may lie outside the range. */
  edges: Float64Array
  /** There was no step: the range is the one bucket. */
  isWhole: boolean
  /** Length of each bucket where they are all equal, else 0. */
  uniformMs: number
  /** A grid that has every edge on it, for the store; stepMs is 0 where the range is the one bucket. */
  originMs: number
  stepMs: number
}

const niceStepsMs = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * secondMs),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * minuteMs),
  ...[1, 2, 3, 6, 12].map((n) => n * hourMs),
  dayMs,
  weekMs,
]

/** The smallest readable step that cuts `rangeMs` into at most `buckets`; Infinity where only months do. */
export function niceStepMs(rangeMs: number, buckets = autoBuckets): number {
  return niceStepsMs.find((ms) => rangeMs / ms <= buckets) ?? Number.POSITIVE_INFINITY
}

/** Reads `5m`, `1d`, `1M`, `auto` or nothing. */
export function resolveStep(step: string | undefined, rangeMs: number, zone: Zone): Step {
  if (step === undefined) return { type: 'none' }
  if (step === '1M') return { type: 'month' }
  const ms = step === 'auto' ? niceStepMs(rangeMs) : parseDurationMs(step)
  if (ms === Number.POSITIVE_INFINITY) return { type: 'month' }
  if (!(ms >= 1) || !Number.isInteger(ms)) {
    throw new TelltaleError('invalid_step', `step: "${step}" must be a whole number of milliseconds, at least 1ms.`)
  }
  const buckets = Math.ceil(rangeMs / ms)
  if (buckets > maxBuckets) {
    throw new TelltaleError(
      'too_many_buckets',
      `step: "${step}" cuts the range into ${buckets} buckets; at most ${maxBuckets} are answered. ` +
        `Use a step of ${formatDuration(niceStepMs(rangeMs, maxBuckets))} or more, or "auto".`,
    )
  }
  // Weeks start on Monday but the epoch was a Thursday, so they are wall-clock steps in UTC too.
  if (ms % weekMs === 0) return { type: 'wall', ms }
  if (zone.isUtc) return { type: 'fixed', ms }
  // Every offset in use is a multiple of 15 minutes: up to there the wall clock and the epoch give the same edges.
  const followsWall = ms % dayMs === 0 || (dayMs % ms === 0 && (15 * minuteMs) % ms !== 0)
  return { type: followsWall ? 'wall' : 'fixed', ms }
}

/** What the answer says about its step. */
export function describeStep(step: Step): string | null {
  if (step.type === 'none') return null
  return step.type === 'month' ? '1M' : formatDuration(step.ms)
}

/** The usual length of a bucket, for those who need one number. */
export function nominalStepMs(step: Step): number {
  if (step.type === 'none') return 0
  return step.type === 'month' ? 30 * dayMs : step.ms
}

export function axisOf(range: Range, step: Step, zone: Zone): Axis {
  if (step.type === 'none') return axisFromEdges(range, Float64Array.of(range.startMs, range.endMs), true)
  return axisFromEdges(range, edgesOf(range, step, zone), false)
}

/** The same buckets `shiftMs` earlier on the wall clock, one for one: what `compare_to` puts beside them. */
export function shiftAxis(axis: Axis, step: Step, shiftMs: number, zone: Zone): Axis {
  const range = { startMs: axis.startMs - shiftMs, endMs: axis.endMs - shiftMs }
  const edges = axis.edges.map((edgeMs) => edgeMs - shiftMs)
  if (step.type !== 'none' && step.type !== 'fixed') {
    for (let i = 0; i < edges.length; i++) {
      // An hour that clocks have gained or lost in between moves the edge, so that a day still meets a day.
      const correctionMs = zone.offsetMs(axis.edges[i]!) - zone.offsetMs(edges[i]!)
      edges[i] = Math.max(edges[i]! + correctionMs, i === 0 ? Number.NEGATIVE_INFINITY : edges[i - 1]!)
    }
    range.startMs = Math.max(edges[0]!, range.startMs)
    range.endMs = Math.min(edges[edges.length - 1]!, range.endMs)
  }
  return axisFromEdges(range, edges, axis.isWhole)
}

/** Edges from the last one at or before startMs to the first one at or after endMs. */
export function edgesOf(range: Range, step: Exclude<Step, { type: 'none' }>, zone: Zone): Float64Array {
  if (step.type !== 'fixed') return wallEdges(range, step, zone)
  const firstMs = Math.floor(range.startMs / step.ms) * step.ms
  const edges = new Float64Array(Math.ceil((range.endMs - firstMs) / step.ms) + 1)
  for (let i = 0; i < edges.length; i++) edges[i] = firstMs + i * step.ms
  return edges
}

/** The bucket that holds `timeMs`, which must lie on the axis. */
export function bucketAt(axis: Axis, timeMs: number): number {
  if (axis.uniformMs > 0) return Math.floor((timeMs - axis.edges[0]!) / axis.uniformMs)
  return searchEdges(axis.edges, timeMs)
}

/** The last i with edges[i] ≤ timeMs, by halving; −1 before the first edge. */
export function searchEdges(edges: Float64Array, timeMs: number): number {
  let low = 0
  let high = edges.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (edges[middle]! <= timeMs) low = middle + 1
    else high = middle
  }
  return low - 1
}

function axisFromEdges(range: Range, edges: Float64Array, isWhole: boolean): Axis {
  if (isWhole) {
    return { ...range, edges, isWhole, uniformMs: range.endMs - range.startMs, originMs: range.startMs, stepMs: 0 }
  }
  return bucketedAxis(range, edges)
}

/** An axis of buckets with these edges, with the coarsest grid that has every edge on it. */
export function bucketedAxis(range: Range, edges: Float64Array): Axis {
  let stepMs = 0
  let isUniform = true
  for (let i = 1; i < edges.length; i++) {
    stepMs = greatestCommonDivisor(edges[i]! - edges[i - 1]!, stepMs)
    if (edges[i]! - edges[i - 1]! !== edges[1]! - edges[0]!) isUniform = false
  }
  return { ...range, edges, isWhole: false, uniformMs: isUniform ? stepMs : 0, originMs: edges[0]!, stepMs }
}

function greatestCommonDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b]
  return a
}

/** Monday, 5 January 1970. */
const firstMondayMs = 4 * dayMs

function wallEdges(range: Range, step: { type: 'wall'; ms: number } | { type: 'month' }, zone: Zone): Float64Array {
  const marginMs = 2 * (step.type === 'month' ? 31 * dayMs : step.ms) + 2 * dayMs
  const regimes = zone.regimes(range.startMs - marginMs, range.endMs + marginMs)
  const edges: number[] = []
  // One step early: a clock set back can make the wall-clock floor of the start lie after the start's bucket began.
  let wallMs = floorWall(range.startMs + zone.offsetMs(range.startMs), step)
  wallMs = floorWall(wallMs - 1, step)
  let current = 0
  for (;;) {
    while (current < regimes.length - 1 && regimes[current]!.endMs + regimes[current]!.offsetMs <= wallMs) current++
    // The first instant at which clocks show this time, or, where it is skipped, any later one.
    const edgeMs = Math.max(regimes[current]!.startMs, wallMs - regimes[current]!.offsetMs)
    edges.push(edgeMs)
    if (edgeMs >= range.endMs) break
    wallMs = nextWall(wallMs, step)
  }
  if (step.type === 'wall') addRepeatedEdges(edges, regimes, step.ms)
  const sorted = Float64Array.from(new Set(edges)).sort()
  return sorted.slice(searchEdges(sorted, range.startMs), firstAtOrAfter(sorted, range.endMs) + 1)
}

/** Where clocks go back by a step or more, the repeated hours are buckets of their own. */
function addRepeatedEdges(edges: number[], regimes: ReturnType<Zone['regimes']>, stepMs: number): void {
  for (let i = 1; i < regimes.length; i++) {
    const before = regimes[i - 1]!
    const after = regimes[i]!
    if (before.offsetMs - after.offsetMs < stepMs) continue
    const untilMs = after.startMs + before.offsetMs
    let wallMs = Math.ceil((after.startMs + after.offsetMs) / stepMs) * stepMs
    for (; wallMs < untilMs; wallMs += stepMs) edges.push(wallMs - after.offsetMs)
  }
}

function firstAtOrAfter(edges: Float64Array, timeMs: number): number {
  const at = searchEdges(edges, timeMs)
  return at >= 0 && edges[at] === timeMs ? at : at + 1
}

function floorWall(wallMs: number, step: { type: 'wall'; ms: number } | { type: 'month' }): number {
  if (step.type === 'month') {
    const date = new Date(wallMs)
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
  }
  const originMs = step.ms % weekMs === 0 ? firstMondayMs : 0
  return Math.floor((wallMs - originMs) / step.ms) * step.ms + originMs
}

function nextWall(wallMs: number, step: { type: 'wall'; ms: number } | { type: 'month' }): number {
  if (step.type === 'wall') return wallMs + step.ms
  const date = new Date(wallMs)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1)
}
