/**
 * How a metric's values are spread over time: the sketches of each bucket, with neighbouring keys merged until they are few
 * enough to be shown. Rows are 1, 2, 4 … keys wide and begin at multiples of that, so they stand still while values move.
 *
 *   keys of the sketch   │1│2│3│4│5│6│7│8│9│…     width 4
 *   rows                 │       │       │
 */
import { keyBias, keyLower, keyUpper } from '@telltale/protocol'
import type { HistogramResult, ResolvedHistogramQuery } from '@telltale/protocol/api'
import type { Principal, SeriesIndex } from '../model.js'
import type { Partials } from '../store/store.js'
import { type Axis, bucketAt, describeStep } from './buckets.js'
import { aggregateRequest, type ExecutionContext } from './execute.js'
import { emptyPartials } from './partials.js'
import { planSelection, unknownMetric } from './plan.js'
import { questionOf } from './question.js'

export async function queryHistogram(
  index: SeriesIndex,
  { project }: Principal,
  query: ResolvedHistogramQuery,
  context: ExecutionContext,
): Promise<HistogramResult> {
  const startedMs = performance.now()
  const { rows: maxRows, ...selection } = query
  const { axis, step } = questionOf(
    { ...selection, aggregation: 'p50', group_by: [], fill: 'none', format: 'columns' },
    context.nowMs,
  )
  const plan = planSelection(index, project, { ...selection, aggregation: 'p50', group_by: [] }, 1)
  if (plan === undefined) throw unknownMetric(index, project, query.metric_name)
  const request = aggregateRequest(plan, [0], axis, context.limits)
  const partials = request.series.length === 0 ? emptyPartials : await context.store.aggregate(request, context.signal)
  const { edges } = axis
  return {
    timestamps: [...edges.subarray(0, edges.length - 1)],
    ...spread(partials.sketch, axis, maxRows),
    meta: {
      resolution: partials.resolution,
      step: describeStep(step),
      step_ms: edges[1]! - edges[0]!,
      kind: plan.kindName,
      unit: plan.unit,
      count: partials.sketch.count.reduce((total, count) => total + count, 0),
      took_ms: Math.round((performance.now() - startedMs) * 100) / 100,
    },
  }
}

/** Sketch rows → rows of values and counted cells, ordered by time and then by row. */
export function spread(
  sketch: Partials['sketch'],
  axis: Axis,
  maxRows: number,
): Pick<HistogramResult, 'rows' | 'cells'> {
  const width = rowWidth(sketch, maxRows)
  const names = new Int32Array(sketch.rows)
  for (let i = 0; i < sketch.rows; i++) names[i] = rowName(sketch.key[i]!, width)
  const shown = contiguous(names)
  const rowOf = new Map(shown.map((name, row) => [name, row]))
  const buckets = axis.edges.length - 1
  const counts = new Float64Array(shown.length * buckets)
  for (let i = 0; i < sketch.rows; i++) {
    counts[bucketAt(axis, sketch.bucketMs[i]!) * shown.length + rowOf.get(names[i]!)!]! += sketch.count[i]!
  }
  const cells: HistogramResult['cells'] = { time: [], row: [], count: [] }
  for (let at = 0; at < counts.length; at++) {
    if (counts[at] === 0) continue
    cells.time.push(Math.floor(at / shown.length))
    cells.row.push(at % shown.length)
    cells.count.push(counts[at]!)
  }
  return { rows: shown.map((name) => rowBounds(name, width)), cells }
}

/** The least power of two that leaves no more rows than are wanted; zero and each sign may need a row of their own. */
function rowWidth({ rows, key }: Partials['sketch'], maxRows: number): number {
  let width = 1
  for (;;) {
    let low = Number.POSITIVE_INFINITY
    let high = Number.NEGATIVE_INFINITY
    let positiveLow = Number.POSITIVE_INFINITY
    let negativeHigh = Number.NEGATIVE_INFINITY
    let hasZero = false
    for (let i = 0; i < rows; i++) {
      const name = rowName(key[i]!, width)
      if (name === 0) hasZero = true
      else if (name > 0) {
        positiveLow = Math.min(positiveLow, name)
        high = Math.max(high, name)
      } else {
        negativeHigh = Math.max(negativeHigh, name)
        low = Math.min(low, name)
      }
    }
    const positive = high >= positiveLow ? high - positiveLow + 1 : 0
    const negative = negativeHigh >= low ? negativeHigh - low + 1 : 0
    if (positive + negative + (hasZero ? 1 : 0) <= maxRows || width > keyBias) return width
    width *= 2
  }
}

/** Positive keys count up from 1, negative ones down from −1, whatever the width; zero is 0. */
function rowName(key: number, width: number): number {
  if (key === 0) return 0
  const name = Math.floor(Math.abs(key) / width) + 1
  return key < 0 ? -name : name
}

function rowBounds(name: number, width: number): { lower: number; upper: number } {
  if (name === 0) return { lower: 0, upper: 0 }
  const first = Math.max(1, (Math.abs(name) - 1) * width)
  const last = Math.abs(name) * width - 1
  return name > 0
    ? { lower: keyLower(first), upper: keyUpper(Math.max(first, last)) }
    : { lower: keyLower(-Math.max(first, last)), upper: keyUpper(-first) }
}

/** Every row between the lowest and the highest of each sign, so that a picture has no holes where nothing fell. */
function contiguous(names: Int32Array): number[] {
  const present = [...new Set(names)].sort((a, b) => a - b)
  const shown: number[] = []
  for (const name of present) {
    const before = shown[shown.length - 1]
    const joins = before !== undefined && before !== 0 && Math.sign(before) === Math.sign(name)
    for (let at = joins ? before + 1 : name; at < name; at++) shown.push(at)
    shown.push(name)
  }
  return shown
}
