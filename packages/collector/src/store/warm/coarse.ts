/**
 * Sketch rows of several times put together ahead of need: a quantile over a day adds up a fraction of the rows, because
 * observations of hours share their keys.
 */
import type { Grid } from '../aggregate.js'
import type { EntryBlock } from './blocks.js'

/** With keys further apart than this it is not worth the memory. */
const MAX_KEYS = 2 ** 14

/** The same rows by `factor` units at a time, counted from the block's base; undefined where keys lie too far apart. */
export function coarsen(block: EntryBlock, factor: number): EntryBlock | undefined {
  const { runs, time, key, count, rows } = block
  const span = block.highestKey - block.lowestKey + 1
  if (span > MAX_KEYS) return undefined
  const window = new Float64Array(span)
  const series: number[] = []
  const start: number[] = []
  const times: number[] = []
  const keys = new Int32Array(rows)
  const counts = new Float64Array(rows)
  let written = 0
  for (let run = 0; run < time.length; ) {
    const at = Math.floor(time[run] / factor)
    series.push(runs.series[run])
    start.push(written)
    times.push(at)
    let low = span
    let high = -1
    for (; run < time.length && runs.series[run] === series.at(-1) && Math.floor(time[run] / factor) === at; run++) {
      const to = runs.start[run + 1]
      for (let i = runs.start[run]; i < to; i++) window[key[i]] += count[i]
      low = Math.min(low, key[runs.start[run]])
      high = Math.max(high, key[to - 1])
    }
    for (let one = low; one <= high; one++) {
      if (window[one] === 0) continue
      keys[written] = one
      counts[written++] = window[one]
      window[one] = 0
    }
  }
  start.push(written)
  const isSmall = counts.every((one) => one < 2 ** 16)
  return {
    ...{ rows: written, baseMs: block.baseMs, unitMs: block.unitMs * factor },
    runs: { series: Uint32Array.from(series), start: Uint32Array.from(start) },
    time: Int32Array.from(times),
    minTime: Math.floor(block.minTime / factor),
    maxTime: Math.floor(block.maxTime / factor),
    // Keys lie within MAX_KEYS.
    key: Uint16Array.from(keys.subarray(0, written)),
    lowestKey: block.lowestKey,
    highestKey: block.highestKey,
    count: isSmall ? Uint16Array.from(counts.subarray(0, written)) : counts.slice(0, written),
  }
}

/** Times of the coarse rows that stand for all fine ones of a slice, half-open; undefined where none do. */
export function coarseRange(
  { coarse, baseMs, unitMs }: EntryBlock,
  slice: { startMs: number; endMs: number },
  { originMs, stepMs }: Grid,
): { coarse: EntryBlock; from: number; to: number; factor: number } | undefined {
  if (coarse === undefined) return undefined
  const nests = stepMs === 0 || (stepMs % coarse.unitMs === 0 && (baseMs - originMs) % coarse.unitMs === 0)
  const from = Math.ceil((slice.startMs - baseMs) / coarse.unitMs)
  const to = Math.floor((slice.endMs - baseMs) / coarse.unitMs)
  return nests && from < to ? { coarse, from, to, factor: coarse.unitMs / unitMs } : undefined
}
