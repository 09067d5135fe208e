/**
 * Computes the rollups of some raw rows as temporary tables, each level from the one below. Partials of one bucket add
 * up, so what is built here never has to know what is already stored.
 */
import { type DuckDBConnection, UINTEGER } from '@duckdb/node-api'
import type { LevelTableName } from '../../journal/index.js'
import type { Duck } from '../duck.js'
import type { Column } from '../tables.js'
import { FIRST_ROLLED_UP_MS, levels, SKETCH_OF_SAMPLES_MS } from './levels.js'

/** Names or subqueries that can stand after FROM; absent where there are no rows. */
export interface RawSources {
  samples?: string
  hist?: string
  sketch?: string
}

export interface BuiltTable {
  name: LevelTableName
  /** Name of the temporary table. */
  table: string
}

const SERIES_COLUMN: readonly Column[] = [{ name: 'series', type: UINTEGER }]

export class RollupBuilder {
  readonly #duck: Duck
  readonly #connection: DuckDBConnection
  readonly #histogramSeries: () => Uint32Array

  constructor(duck: Duck, connection: DuckDBConnection, histogramSeries: () => Uint32Array) {
    this.#duck = duck
    this.#connection = connection
    this.#histogramSeries = histogramSeries
  }

  /** Runs `use` with the rollups of all sources, and drops them afterwards. */
  async with<T>(sources: RawSources, use: (tables: readonly BuiltTable[]) => Promise<T>): Promise<T> {
    const built: BuiltTable[] = []
    try {
      await this.#partials(sources, built)
      await this.#sketches(sources, built)
      return await use(built)
    } finally {
      for (const { table } of built) await this.#connection.run(`DROP TABLE IF EXISTS ${table}`)
    }
  }

  async #partials({ samples, hist }: RawSources, built: BuiltTable[]): Promise<void> {
    let below: string | undefined
    for (const { bucketMs, partials } of levels) {
      const selects: string[] = []
      if (below !== undefined) selects.push(mergePartialsSql(below, bucketMs))
      else {
        if (samples !== undefined) selects.push(samplePartialsSql(samples, bucketMs))
        if (hist !== undefined) selects.push(histogramPartialsSql(hist, bucketMs))
      }
      if (selects.length === 0) return
      below = await this.#create(partials, selects.join(' UNION ALL '), built)
    }
  }

  async #sketches({ samples, sketch }: RawSources, built: BuiltTable[]): Promise<void> {
    let below = sketch
    for (const { bucketMs, sketch: name } of levels) {
      if (name === undefined) continue
      const select = below === undefined ? undefined : mergeSketchSql(below, bucketMs)
      if (bucketMs === SKETCH_OF_SAMPLES_MS && samples !== undefined) {
        below = await this.#createWithSamples(name, select, samples, bucketMs, built)
      } else if (select !== undefined) {
        below = await this.#create(name, select, built)
      }
    }
  }

  /** Sketch rows of the level below and of raw observations; undefined where there are neither. */
  async #createWithSamples(
    name: LevelTableName,
    select: string | undefined,
    samples: string,
    bucketMs: number,
    built: BuiltTable[],
  ): Promise<string | undefined> {
    const series = this.#histogramSeries()
    if (series.length === 0) return select === undefined ? undefined : this.#create(name, select, built)
    return this.#duck.withRows(SERIES_COLUMN, { rows: series.length, columns: [series] }, (histograms) => {
      const observed = sampleSketchSql(samples, histograms, bucketMs)
      return this.#create(name, select === undefined ? observed : `${select} UNION ALL ${observed}`, built)
    })
  }

  async #create(name: LevelTableName, select: string, built: BuiltTable[]): Promise<string> {
    const table = `building_${name}`
    await this.#connection.run(`CREATE TEMP TABLE ${table} AS ${select}`)
    built.push({ name, table })
    return table
  }
}

/** One row a (series, bucket) of rows that are partials already, which have the metric's code where `bucketMs` is absent. */
export function mergePartialsSql(partials: string, bucketMs?: number): string {
  return `SELECT ${metricSql(bucketMs)}series, ${bucketSql(bucketMs)} AS ts, sum(count) AS count, sum(sum) AS sum, min(min) AS min,
      max(max) AS max, arg_max(last, last_ts) AS last, max(last_ts) AS last_ts
    FROM ${partials} GROUP BY series, ${bucketSql(bucketMs)}`
}

/** One row a (series, bucket, key) of sketch rows. */
export function mergeSketchSql(sketch: string, bucketMs?: number): string {
  return `SELECT ${metricSql(bucketMs)}series, ${bucketSql(bucketMs)} AS ts, key, sum(count)::DOUBLE AS count
    FROM ${sketch} WHERE ts >= ${FIRST_ROLLED_UP_MS} GROUP BY series, ${bucketSql(bucketMs)}, key`
}

/** Of a series that was not defined when some of its rows were sealed, those have no code. */
function metricSql(bucketMs: number | undefined): string {
  return bucketMs === undefined ? 'max(metric) AS metric, ' : ''
}

function samplePartialsSql(samples: string, bucketMs: number): string {
  return `SELECT series, ${bucketSql(bucketMs)} AS ts, count(*)::DOUBLE AS count, sum(value) AS sum,
      min(value) AS min, max(value) AS max, arg_max(value, ts) AS last, max(ts) AS last_ts
    FROM ${samples} AS t WHERE ts >= ${FIRST_ROLLED_UP_MS} GROUP BY series, ${bucketSql(bucketMs)}`
}

function histogramPartialsSql(hist: string, bucketMs: number): string {
  return `SELECT series, ${bucketSql(bucketMs)} AS ts, sum(count) AS count, sum(sum) AS sum, min(min) AS min,
      max(max) AS max, arg_max(sum / greatest(count, 1), ts) AS last, max(ts) AS last_ts
    FROM ${hist} AS t WHERE ts >= ${FIRST_ROLLED_UP_MS} GROUP BY series, ${bucketSql(bucketMs)}`
}

function sampleSketchSql(samples: string, histograms: string, bucketMs: number): string {
  return `SELECT series, ${bucketSql(bucketMs)} AS ts, key_of(value) AS key, count(*)::DOUBLE AS count
    FROM ${samples} AS t SEMI JOIN ${histograms} AS h USING (series)
    WHERE ts >= ${FIRST_ROLLED_UP_MS} GROUP BY 1, 2, 3`
}

/** Start of the bucket; times are not negative here, so that division rounds down. */
function bucketSql(bucketMs: number | undefined): string {
  return bucketMs === undefined ? 'ts' : `ts // ${bucketMs} * ${bucketMs}`
}
