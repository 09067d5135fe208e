/** The metric catalogue: what the series registry knows, as the API lists it. */
import type { MetricInfo, TagList, TagValueList } from '@telltale/protocol/api'
import { LRUCache } from 'lru-cache'
import type { z } from 'zod'
import { TelltaleError } from '../errors.js'
import {
  isOwnMetric,
  type MetricDefinition,
  type MetricEntry,
  ownMetricPrefix,
  type Principal,
  type ProjectId,
  type SeriesIndex,
} from '../model.js'
import { kindNames } from './aggregation.js'
import { successRate, unknownMetric } from './plan.js'
import { matcherOf, textConditions } from './selection.js'
import { coversMetric } from './view.js'

/** Values of one tag that are listed; `search` finds the others. */
const maxListedValues = 1000
/** Summaries for views that are kept, over all views and metrics. */
const maxNarrowed = 2000
/** Attributes that are named where series found no room. */
const maxOffenders = 10

/** Distinct values by tag. */
type TagValues = Map<string, Set<string>>

interface Summary {
  /** How many series have been read, and how many of them count. */
  read: number
  count: number
  tags: TagValues
}

type DefinitionsOf = (project: ProjectId) => ReadonlyMap<string, MetricDefinition>

export class Catalogue {
  readonly #index: SeriesIndex
  readonly #definitionsOf: DefinitionsOf
  /** Series are only ever added, so a summary is read on, not made anew. */
  readonly #summaries = new WeakMap<MetricEntry, Summary>()
  /** The same for views with conditions. */
  readonly #narrowed = new LRUCache<string, Summary>({ max: maxNarrowed })

  constructor(index: SeriesIndex, definitionsOf: DefinitionsOf = () => new Map()) {
    this.#index = index
    this.#definitionsOf = definitionsOf
  }

  /** Metrics of the collector itself are listed where their prefix is searched for: they are nobody's business metrics. */
  list(principal: Principal, search = ''): MetricInfo[] {
    const infos: MetricInfo[] = []
    const { project, view } = principal
    const definitions = this.#definitionsOf(project)
    const wanted = search.toLowerCase()
    const hidesOwn = !wanted.startsWith(ownMetricPrefix)
    for (const entry of this.#index.metrics(project)) {
      if (hidesOwn && isOwnMetric(entry.name)) continue
      const info = this.#info(principal, entry, definitions.get(entry.name))
      if (info !== undefined) infos.push(info)
    }
    // A view sees a metric by its series, so it sees none of one that has not been sent.
    for (const definition of view === undefined ? definitions.values() : []) {
      if (this.#index.metric(project, definition.name) === undefined) infos.push(unseen(definition))
    }
    const success = this.#successRate(principal)
    if (success !== undefined) infos.push(success)
    return infos
      .filter((info) => info.name.toLowerCase().includes(wanted) || info.description.toLowerCase().includes(wanted))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  metric(principal: Principal, name: string): MetricInfo {
    const { project, view } = principal
    const entry = this.#index.metric(project, name)
    const definition = this.#definitionsOf(project).get(name)
    let info: MetricInfo | undefined
    if (entry !== undefined) info = this.#info(principal, entry, definition)
    else if (definition !== undefined && view === undefined) info = unseen(definition)
    else if (name === successRate.name) info = this.#successRate(principal)
    if (info === undefined) throw this.#unknown(principal, name)
    // How many values others have is not for a view to know.
    return entry?.overflow !== undefined && view === undefined ? { ...info, ...this.#overflow(principal, entry) } : info
  }

  tags(principal: Principal, name: string): z.infer<typeof TagList> {
    const data = [...this.#tagsOf(principal, name)].map(([key, values]) => ({ key, cardinality: values.size }))
    return { data: data.sort((a, b) => (a.key < b.key ? -1 : 1)) }
  }

  tagValues(principal: Principal, name: string, key: string, search = ''): z.infer<typeof TagValueList> {
    const wanted = search.toLowerCase()
    const values = [...(this.#tagsOf(principal, name).get(key) ?? [])]
    const found = values.filter((value) => value.toLowerCase().includes(wanted)).sort()
    return { data: found.slice(0, maxListedValues), truncated: found.length > maxListedValues }
  }

  #tagsOf(principal: Principal, name: string): TagValues {
    const entry = this.#index.metric(principal.project, name)
    if (entry !== undefined) return this.#summary(principal, entry).tags
    const source = name === successRate.name ? this.#index.metric(principal.project, successRate.source) : undefined
    if (source === undefined) throw this.#unknown(principal, name)
    const tags = new Map(this.#summary(principal, source).tags)
    tags.delete(successRate.tag)
    return tags
  }

  /** Listed while its source exists and nobody has sent a metric of that name. */
  #successRate(principal: Principal): MetricInfo | undefined {
    const { project, view } = principal
    if (view !== undefined && !coversMetric(view, successRate.name)) return undefined
    if (this.#index.metric(project, successRate.name) !== undefined) return undefined
    const source = this.#index.metric(project, successRate.source)
    const info = source && this.#infoOf(principal, source)
    return (
      info && {
        ...info,
        name: successRate.name,
        kind: 'gauge',
        unit: successRate.unit,
        description: successRate.description,
        attributes: info.attributes.filter((key) => key !== successRate.tag),
      }
    )
  }

  /** Which attributes explode, worst first. */
  #overflow(principal: Principal, entry: MetricEntry): Pick<MetricInfo, 'overflow'> {
    const { overflow } = entry
    if (overflow === undefined) return {}
    const { tags } = this.#summary(principal, entry)
    const names = new Set([...overflow.keys(), ...tags.keys()])
    names.delete('telltale.overflow')
    const keys = [...names].map((key) => ({ key, distinct: overflow.distinct(key, tags.get(key) ?? []) }))
    keys.sort((a, b) => b.distinct - a.distinct)
    return { overflow: { folded: overflow.folded, keys: keys.slice(0, maxOffenders) } }
  }

  /** Undefined where the view does not cover the metric. */
  #info(principal: Principal, entry: MetricEntry, definition?: MetricDefinition): MetricInfo | undefined {
    const { view } = principal
    return view === undefined || coversMetric(view, entry.name) ? this.#infoOf(principal, entry, definition) : undefined
  }

  /** Undefined where the view sees none of its series. */
  #infoOf(principal: Principal, entry: MetricEntry, definition?: MetricDefinition): MetricInfo | undefined {
    const { count, tags } = this.#summary(principal, entry)
    const isWhole = principal.view === undefined
    if (count === 0 && !isWhole) return undefined
    return {
      name: entry.name,
      kind: kindNames[entry.kind],
      unit: definition?.unit || entry.unit,
      description: definition?.description || entry.description,
      attributes: [...tags.keys()].sort(),
      cardinality: count,
      // When others were last seen is not for a view to know.
      last_seen: isWhole && entry.lastSeenMs > 0 ? new Date(entry.lastSeenMs).toISOString() : null,
    }
  }

  #unknown({ project, view }: Principal, name: string): TelltaleError {
    if (view === undefined) return unknownMetric(this.#index, project, name)
    return new TelltaleError('unknown_metric', 'No such metric has been received')
  }

  #summary({ project, view, viewKey }: Principal, entry: MetricEntry): Summary {
    const key = JSON.stringify([project, viewKey, entry.name])
    let summary = view === undefined ? this.#summaries.get(entry) : this.#narrowed.get(key)
    if (summary === undefined) {
      summary = { read: 0, count: 0, tags: new Map() }
      if (view === undefined) this.#summaries.set(entry, summary)
      else this.#narrowed.set(key, summary)
    }
    if (summary.read === entry.series.length) return summary
    const matches = matcherOf(textConditions(view?.filters ?? {}))
    for (; summary.read < entry.series.length; summary.read++) {
      const { attributes } = entry.series[summary.read]!
      if (!matches(attributes)) continue
      summary.count++
      for (const [tag, value] of attributes) {
        const values = summary.tags.get(tag)
        if (values === undefined) summary.tags.set(tag, new Set([value]))
        else values.add(value)
      }
    }
    return summary
  }
}

/** A metric that is defined, and of which nothing has been stored. */
function unseen({ name, kind, unit, description, attributes }: MetricDefinition): MetricInfo {
  const keys = attributes === null ? [] : [...attributes].sort()
  return { name, kind: kindNames[kind], unit, description, attributes: keys, cardinality: 0, last_seen: null }
}
