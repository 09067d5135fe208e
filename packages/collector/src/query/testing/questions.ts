/** Random data and random questions, for property tests of queries and streams. */
import { Kind } from '@telltale/protocol'
import fc from 'fast-check'
import type { Columns, SeriesId } from '../../model.js'
import { histograms, samples } from './fixtures.js'
import type { MemoryIndex } from './memory-index.js'
import type { OraclePoint } from './oracle.js'

export const subjects = ['counter', 'upDownCounter', 'gauge', 'histogram', 'successRate'] as const
export type Subject = (typeof subjects)[number]

const quantiles = ['p50', 'p95', 'p999', { quantile: 0 }, { quantile: 0.37 }, { quantile: 1 }] as const

export const aggregationsOf = {
  counter: ['sum', 'rate', 'increase', 'count', 'avg', 'min', 'max', 'last', ...quantiles],
  upDownCounter: ['sum', 'rate', 'increase', 'count', 'avg', 'min', 'max', 'last'],
  gauge: ['avg', 'sum', 'count', 'min', 'max', 'last', ...quantiles],
  histogram: ['avg', 'sum', 'count', 'increase', 'rate', 'min', 'max', ...quantiles],
  successRate: ['avg', 'last'],
} as const

export const fills = ['none', 'null', 'zero', 'previous', 'linear'] as const

export interface Observed {
  /** Milliseconds after the start of the scene. */
  atMs: number
  host: 'a' | 'b' | ''
  isOk: boolean
  values: number[]
}

export function observations(spanMs: number): fc.Arbitrary<Observed[]> {
  const observed = fc.record({
    atMs: fc.integer({ min: 0, max: spanMs - 1 }),
    host: fc.constantFrom('a' as const, 'b' as const, '' as const),
    isOk: fc.boolean(),
    values: fc.array(fc.integer({ min: -500, max: 5_000 }), { minLength: 1, maxLength: 3 }),
  })
  // "The last value" is only settled where no two points share a time.
  return fc.uniqueArray(observed, { selector: ({ atMs }) => atMs, maxLength: 60 })
}

export function metricOf(subject: Subject): string {
  return subject === 'successRate' ? 'task.success.rate' : 'm'
}

export function kindOf(subject: Subject) {
  return subject === 'successRate' ? Kind.counter : Kind[subject]
}

export function seriesOf(index: MemoryIndex, subject: Subject, { host, isOk }: Observed): SeriesId {
  const tags = { ...(host === '' ? {} : { host }), status: isOk ? 'ok' : 'error' }
  return index.define(1, subject === 'successRate' ? 'task.execution.count' : 'm', kindOf(subject), tags)
}

/** What is recorded of an observation, and what an oracle makes of it. */
export function record(
  index: MemoryIndex,
  subject: Subject,
  observed: readonly Observed[],
  startMs: number,
): { columns: Columns; points: OraclePoint[] } {
  const rows = observed.map((one) => ({
    series: seriesOf(index, subject, one),
    timeMs: startMs + one.atMs,
    values: valuesOf(subject, one),
    one,
  }))
  const columns =
    subject === 'histogram'
      ? histograms(rows)
      : samples(rows.map(({ series, timeMs, values }) => [series, timeMs, values[0]!] as const))
  const points = rows.flatMap(({ timeMs, values, one }) =>
    values.map((value) => ({ group: one.host, timeMs, value, isFavoured: one.isOk })),
  )
  return { columns, points }
}

function valuesOf(subject: Subject, { values }: Observed): number[] {
  if (subject === 'histogram') return values
  const [value] = values
  return [subject === 'counter' || subject === 'successRate' ? Math.abs(value!) : value!]
}
