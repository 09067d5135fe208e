/** Carries a plan out over an axis: asks the store for partials and finalises them. */
import { TelltaleError } from '../errors.js'
import type { AggregateRequest, Partials, Store } from '../store/store.js'
import type { Measure } from './aggregation.js'
import { type Axis, axisOf, niceStepMs } from './buckets.js'
import { finaliseCells, foldBase, foldCells, foldSamples, levelValues, type Matrix } from './finalise.js'
import type { QueryLimits } from './limits.js'
import { emptyPartials } from './partials.js'
import type { Plan } from './plan.js'
import { type Range, weekMs } from './time.js'
import { zoneOf } from './zone.js'

/** The moments at which a whole range is sampled where a value needs a sequence: 60 and more. */
const sampledMoments = 60

export interface Execution {
  matrix: Matrix
  /** Where the store found the answer: raw, 1m, 5m, 1h or 1d. */
  resolution: string
  /** Every batch up to this one is in the answer. */
  asOf: number
}

/** What execution needs; one for each query. */
export interface ExecutionContext {
  store: Pick<Store, 'aggregate'>
  limits: QueryLimits
  nowMs: number
  signal: AbortSignal | undefined
}

/** Values of the groups in `order`, one row each, over the buckets of the axis; `withOthers`: all others are one row more. */
export async function execute(
  plan: Plan,
  order: readonly number[],
  axis: Axis,
  context: ExecutionContext,
  withOthers = false,
): Promise<Execution> {
  const isSampled = axis.isWhole && needsSampling(plan.measure)
  const inner = isSampled ? sampleAxis(axis) : axis
  const rows = order.length + (withOthers ? 1 : 0)
  const storeGroups = rows * plan.parts
  if (isSampled && storeGroups * (inner.edges.length - 1) > context.limits.maxCells) {
    throw new TelltaleError('too_many_groups', `${rows} groups are too many to follow over time; filter them first.`)
  }
  const request = aggregateRequest(plan, order, inner, context.limits, withOthers)
  const isLevel = plan.measure.reducer === 'level'
  const [partials, base] = await Promise.all([
    aggregate(request, context),
    isLevel ? aggregateBase(request, inner.startMs, context) : undefined,
  ])
  const cells = foldCells(partials, inner, storeGroups, plan.measure.want)
  const matrix = isLevel
    ? levelValues(cells, inner, rows, foldBase(base, storeGroups), context.nowMs)
    : finaliseCells(partials, cells, inner, rows, plan.measure)
  return {
    matrix: isSampled ? foldSamples(matrix, plan.measure.over) : matrix,
    resolution: partials.resolution,
    asOf: Math.min(partials.asOf, base?.asOf ?? partials.asOf),
  }
}

/** Levels and latest ratios have no meaning in one bucket alone: they are a sequence of moments. */
export function needsSampling(measure: Measure): boolean {
  return measure.reducer === 'level' || (measure.reducer === 'ratio' && measure.over === 'last')
}

export function sampleStepMs(rangeMs: number): number {
  return Math.min(niceStepMs(rangeMs, sampledMoments * 2), weekMs)
}

function sampleAxis(range: Range): Axis {
  const { startMs, endMs } = range
  return axisOf({ startMs, endMs }, { type: 'fixed', ms: sampleStepMs(endMs - startMs) }, zoneOf('UTC'))
}

export function aggregateRequest(
  plan: Plan,
  order: readonly number[],
  axis: Axis,
  limits: QueryLimits,
  withOthers = false,
): AggregateRequest {
  const rowOf = new Int32Array(plan.groups.size).fill(withOthers ? order.length : -1)
  for (let row = 0; row < order.length; row++) rowOf[order[row]!] = row
  const series = new Uint32Array(plan.series.length)
  const group = new Uint32Array(plan.series.length)
  let count = 0
  for (let i = 0; i < plan.series.length; i++) {
    const row = rowOf[Math.floor(plan.storeGroup[i]! / plan.parts)]!
    if (row < 0) continue
    series[count] = plan.series[i]!
    group[count++] = row * plan.parts + (plan.storeGroup[i]! % plan.parts)
  }
  return {
    project: plan.project,
    kind: plan.kind,
    series: series.slice(0, count),
    group: group.slice(0, count),
    startMs: axis.startMs,
    endMs: axis.endMs,
    originMs: axis.originMs,
    stepMs: axis.stepMs,
    want: plan.measure.want,
    timeoutMs: limits.timeoutMs,
  }
}

/** Everything before the range, in one bucket. */
export async function aggregateBase(
  request: AggregateRequest,
  startMs: number,
  context: Pick<ExecutionContext, 'store' | 'signal'>,
): Promise<Partials | undefined> {
  if (startMs <= 0) return undefined
  return aggregate({ ...request, startMs: 0, endMs: startMs, originMs: 0, stepMs: 0, want: { sum: true } }, context)
}

/** The one door to the store's aggregates. */
async function aggregate(
  request: AggregateRequest,
  { store, signal }: Pick<ExecutionContext, 'store' | 'signal'>,
): Promise<Partials> {
  if (request.series.length === 0) return emptyPartials
  return store.aggregate(request, signal)
}
