/**
 * Plans a query: looks the metric up, checks that the aggregation suits its kind, and says which series belong to which
 * group. Nothing is read here; `execute.ts` and `window.ts` do that.
 */
import { Kind, type KindCode } from '@telltale/protocol'
import type { MetricKind, ResolvedStreamQuery } from '@telltale/protocol/api'
import { TelltaleError } from '../errors.js'
import type { Attributes, MetricEntry, ProjectId, SeriesDef, SeriesIndex } from '../model.js'
import { kindNames, type Measure, measureOf, ratioMeasure } from './aggregation.js'
import { nearNames } from './near-names.js'
import { attributeValue, Groups, type Matcher, matcherOf, textConditions } from './selection.js'

/** The part of a query that says what is asked, apart from when: the same for queries and streams. */
export type Selection = Pick<ResolvedStreamQuery, 'metric_name' | 'aggregation' | 'group_by' | 'filters'>

/** Derived from `task.execution.count`: runs that ended well, as a part of all runs. */
export const successRate = {
  name: 'task.success.rate',
  source: 'task.execution.count',
  unit: '1',
  description: 'Part of task runs that ended well, 0 to 1; derived from task.execution.count.',
  tag: 'status',
  favoured: 'ok',
} as const

export interface Plan {
  project: ProjectId
  /** Kind of the stored series. */
  kind: KindCode
  /** Kind of the metric that was asked for. */
  kindName: MetricKind
  unit: string
  measure: Measure
  groups: Groups
  /** Partials of one group: 1, or 2 for a ratio (others, then favoured). A store group is group × parts + part. */
  parts: 1 | 2
  /** Series of the metric, whether they match or not. */
  seriesKnown: number
  /** Series that match and, in parallel, their store groups. */
  series: number[]
  storeGroup: number[]
  /** Adds a series that appeared later; its store group, or −1 where it does not match. */
  add(series: SeriesDef): number
}

/** Name of the stored metric behind a metric, whether it has been seen or not. */
export function sourceOf(index: SeriesIndex, project: ProjectId, name: string): string {
  return name === successRate.name && index.metric(project, name) === undefined ? successRate.source : name
}

/** The plan, or `undefined` where the metric has not been seen. */
export function planSelection(
  index: SeriesIndex,
  project: ProjectId,
  selection: Selection,
  maxGroups: number,
): Plan | undefined {
  const name = selection.metric_name
  const source = sourceOf(index, project, name)
  const entry = index.metric(project, source)
  if (entry === undefined) return undefined
  const isRatio = source !== name
  if (isRatio) refuseStatus(selection)
  const measure = isRatio
    ? ratioMeasure(name, source, selection.aggregation)
    : measureOf(name, entry.kind, selection.aggregation)
  const plan = new SelectionPlan(project, entry, measure, isRatio, selection, maxGroups)
  for (const series of entry.series) plan.add(series)
  return plan
}

/** 404 that names what the caller may have meant. */
export function unknownMetric(index: SeriesIndex, project: ProjectId, name: string): TelltaleError {
  const names = [...index.metrics(project)].map((entry) => entry.name)
  const near = nearNames(name, names)
  const hint =
    near.length > 0
      ? `Did you mean ${near.join(' or ')}?`
      : 'GET /api/v1/metrics lists the metrics that have been received.'
  return new TelltaleError('unknown_metric', `No metric named ${JSON.stringify(name)} has been received. ${hint}`, {
    details: { metric_name: name, near },
  })
}

function refuseStatus(selection: Selection): void {
  const usesStatus = selection.group_by.includes(successRate.tag) || Object.hasOwn(selection.filters, successRate.tag)
  if (!usesStatus) return
  throw new TelltaleError(
    'aggregation_not_supported',
    `${successRate.name} already compares runs by ${successRate.tag}, so it can be neither filtered nor grouped by it. ` +
      `Query ${successRate.source} for numbers by ${successRate.tag}.`,
  )
}

class SelectionPlan implements Plan {
  readonly project: ProjectId
  readonly kind: KindCode
  readonly kindName: MetricKind
  readonly unit: string
  readonly measure: Measure
  readonly groups: Groups
  readonly parts: 1 | 2
  seriesKnown = 0
  readonly series: number[] = []
  readonly storeGroup: number[] = []
  readonly #matches: Matcher
  readonly #maxGroups: number

  constructor(
    project: ProjectId,
    entry: MetricEntry,
    measure: Measure,
    isRatio: boolean,
    selection: Selection,
    maxGroups: number,
  ) {
    this.project = project
    this.kind = entry.kind
    this.kindName = isRatio ? kindNames[Kind.gauge] : kindNames[entry.kind]
    this.unit = isRatio ? successRate.unit : entry.unit
    this.measure = measure
    this.parts = isRatio ? 2 : 1
    this.groups = new Groups(selection.group_by)
    this.#matches = matcherOf(textConditions(selection.filters))
    this.#maxGroups = maxGroups
  }

  add(series: SeriesDef): number {
    this.seriesKnown++
    if (!this.#matches(series.attributes)) return -1
    const group = this.groups.numberOf(series.attributes)
    if (group >= this.#maxGroups) {
      throw new TelltaleError(
        'too_many_groups',
        `group_by ${JSON.stringify(this.groups.keys)} gives more than ${this.#maxGroups} groups. ` +
          'Filter, group by fewer tags, or keep the largest with limit.',
      )
    }
    const storeGroup = group * this.parts + this.#part(series.attributes)
    this.series.push(series.id)
    this.storeGroup.push(storeGroup)
    return storeGroup
  }

  #part(attributes: Attributes): number {
    return this.parts === 2 && attributeValue(attributes, successRate.tag) === successRate.favoured ? 1 : 0
  }
}
