/**
 * The resolutions at which series are kept, beside the raw rows: each level's bucket length and its two tables. Sealing
 * fills them, the cover of a query picks from them.
 *
 *   samples ─┬─► r1m ─► r5m ─► r1h ─► r1d      partials: count, sum, min, max, last
 *   hist    ─┘
 *   sketch  ───► k1m ────────► k1h ─► k1d      sketch rows of histograms: key, count
 *   samples (of histograms) ───┘
 *
 * Raw observations of a histogram, one each few seconds, would make as many sketch rows a minute as they are
 * themselves. So they enter at the hour; below it their keys are computed as they are read.
 */
import type { LevelTableName } from '../../journal/index.js'

export type LevelName = '1m' | '5m' | '1h' | '1d'

export interface Level {
  name: LevelName
  /** Buckets start at whole multiples of this, in Unix milliseconds. */
  bucketMs: number
  partials: LevelTableName
  /** Absent where no sketch rows are kept. */
  sketch?: LevelTableName
  /** Good for the edges of a range too, not only for its bulk: without it an edge takes at most 60 finer buckets. */
  onEdges: boolean
}

/** Finest first; each one's buckets hold whole buckets of the one before. */
export const levels: readonly Level[] = [
  { name: '1m', bucketMs: 60_000, partials: 'r1m', sketch: 'k1m', onEdges: true },
  { name: '5m', bucketMs: 300_000, partials: 'r5m', onEdges: false },
  { name: '1h', bucketMs: 3_600_000, partials: 'r1h', sketch: 'k1h', onEdges: true },
  { name: '1d', bucketMs: 86_400_000, partials: 'r1d', sketch: 'k1d', onEdges: true },
]

/** From this bucket length on, sketch rows stand for raw observations too. */
export const SKETCH_OF_SAMPLES_MS = 3_600_000

/** Earlier times have no rollups: buckets are cut by a division that rounds towards zero. */
export const FIRST_ROLLED_UP_MS = 0
