/** Plans a stream: validates what can be known without its metric, and opens a window once the metric has been seen. */
import type { ResolvedStreamQuery } from '@telltale/protocol/api'
import { TelltaleError } from '../errors.js'
import type { Principal, ProjectId } from '../model.js'
import { nominalStepMs, resolveStep, type Step } from './buckets.js'
import { sampleStepMs } from './execute.js'
import { planSelection, sourceOf } from './plan.js'
import { filtersKey } from './selection.js'
import { formatDuration, maxRangeMs, parseDurationMs } from './time.js'
import { type StreamContext, StreamWindow, type WindowShape } from './window.js'
import { zoneOf } from './zone.js'

export interface StreamPlan {
  /** Equal for equal questions of equal views: they may share one window. */
  key: string
  project: ProjectId
  /** Name of the stored metric that feeds the stream. */
  source: string
  /** Usual length of a bucket; 0 where the range is one value. */
  stepMs: number
  rangeMs: number
  /** Undefined while the metric has not been seen. Throws where its kind has no such aggregation. */
  open(): StreamWindow | undefined
}

export function planStream(principal: Principal, query: ResolvedStreamQuery, context: StreamContext): StreamPlan {
  const { project } = principal
  const zone = zoneOf(query.time_zone)
  const rangeMs = parseDurationMs(query.range)
  if (!(rangeMs >= 1000) || rangeMs > maxRangeMs) {
    throw new TelltaleError(
      'invalid_time_range',
      `range: "${query.range}" must be between 1s and ${formatDuration(maxRangeMs)}.`,
    )
  }
  const step = resolveStep(query.step, rangeMs, zone)
  const shape: WindowShape =
    step.type === 'none'
      ? { rangeMs, step: { type: 'fixed', ms: sampleStepMs(rangeMs) }, isWhole: true }
      : { rangeMs, step, isWhole: false }
  const source = sourceOf(context.index, project, query.metric_name)
  return {
    key: streamKey(principal, query, step, rangeMs),
    project,
    source,
    stepMs: nominalStepMs(step),
    rangeMs,
    open() {
      const plan = planSelection(context.index, project, query, context.limits.maxStreamGroups)
      return plan && new StreamWindow(plan, source, query, shape, zone, context)
    },
  }
}

/** Spelled in one way, whatever the order of filters and of their values. */
function streamKey(principal: Principal, query: ResolvedStreamQuery, step: Step, rangeMs: number): string {
  return JSON.stringify([
    principal.project,
    principal.viewKey,
    query.metric_name,
    query.aggregation,
    query.group_by,
    filtersKey(query.filters),
    step,
    rangeMs,
    query.time_zone,
    query.limit ?? null,
    query.order ?? null,
    query.fill,
  ])
}
