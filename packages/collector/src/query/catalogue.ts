/** The metric catalogue: what the series registry knows, as the API lists it. */
import type { MetricInfo, TagList, TagValueList } from '@telltale/protocol/api'
import type { z } from 'zod'
import type { MetricDefinition, MetricEntry, ProjectId, SeriesIndex } from '../model.js'
import { kindNames } from './aggregation.js'
import { successRate, unknownMetric } from './plan.js'

/** Values of one tag that are listed; `search` finds the others. */
const maxListedValues = 1000

/** Distinct values by tag. */
type TagValues = Map<string, Set<string>>

interface Summary {
  /** How many series have been read. */
  read: number
  tags: TagValues
}

type DefinitionsOf = (project: ProjectId) => ReadonlyMap<string, MetricDefinition>

export class Catalogue {
  readonly #index: SeriesIndex
  readonly #definitionsOf: DefinitionsOf
  /** Series are only ever added, so a summary is read on, not made anew. */
  readonly #summaries = new WeakMap<MetricEntry, Summary>()

  constructor(index: SeriesIndex, definitionsOf: DefinitionsOf = () => new Map()) {
    this.#index = index
    this.#definitionsOf = definitionsOf
  }

  list(project: ProjectId, search = ''): MetricInfo[] {
    const infos: MetricInfo[] = []
    const definitions = this.#definitionsOf(project)
    for (const entry of this.#index.metrics(project)) infos.push(this.#info(entry, definitions.get(entry.name)))
    for (const definition of definitions.values()) {
      if (this.#index.metric(project, definition.name) === undefined) infos.push(unseen(definition))
    }
    const success = this.#successRate(project)
    if (success !== undefined) infos.push(success)
    const wanted = search.toLowerCase()
    return infos
      .filter((info) => info.name.toLowerCase().includes(wanted) || info.description.toLowerCase().includes(wanted))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  metric(project: ProjectId, name: string): MetricInfo {
    const entry = this.#index.metric(project, name)
    const definition = this.#definitionsOf(project).get(name)
    if (entry !== undefined) return this.#info(entry, definition)
    if (definition !== undefined) return unseen(definition)
    const success = name === successRate.name ? this.#successRate(project) : undefined
    if (success === undefined) throw unknownMetric(this.#index, project, name)
    return success
  }

  tags(project: ProjectId, name: string): z.infer<typeof TagList> {
    const data = [...this.#tagsOf(project, name)].map(([key, values]) => ({ key, cardinality: values.size }))
    return { data: data.sort((a, b) => (a.key < b.key ? -1 : 1)) }
  }

  tagValues(project: ProjectId, name: string, key: string, search = ''): z.infer<typeof TagValueList> {
    const wanted = search.toLowerCase()
    const values = [...(this.#tagsOf(project, name).get(key) ?? [])]
    const found = values.filter((value) => value.toLowerCase().includes(wanted)).sort()
    return { data: found.slice(0, maxListedValues), truncated: found.length > maxListedValues }
  }

  #tagsOf(project: ProjectId, name: string): TagValues {
    const entry = this.#index.metric(project, name)
    if (entry !== undefined) return this.#summary(entry).tags
    const source = name === successRate.name ? this.#index.metric(project, successRate.source) : undefined
    if (source === undefined) throw unknownMetric(this.#index, project, name)
    const tags = new Map(this.#summary(source).tags)
    tags.delete(successRate.tag)
    return tags
  }

  /** Listed while its source exists and nobody has sent a metric of that name. */
  #successRate(project: ProjectId): MetricInfo | undefined {
    if (this.#index.metric(project, successRate.name) !== undefined) return undefined
    const source = this.#index.metric(project, successRate.source)
    if (source === undefined) return undefined
    const info = this.#info(source)
    return {
      ...info,
      name: successRate.name,
      kind: 'gauge',
      unit: successRate.unit,
      description: successRate.description,
      attributes: info.attributes.filter((key) => key !== successRate.tag),
    }
  }

  #info(entry: MetricEntry, definition?: MetricDefinition): MetricInfo {
    return {
      name: entry.name,
      kind: kindNames[entry.kind],
      unit: definition?.unit || entry.unit,
      description: definition?.description || entry.description,
      attributes: [...this.#summary(entry).tags.keys()].sort(),
      cardinality: entry.series.length,
      last_seen: entry.lastSeenMs > 0 ? new Date(entry.lastSeenMs).toISOString() : null,
    }
  }

  #summary(entry: MetricEntry): Summary {
    let summary = this.#summaries.get(entry)
    if (summary === undefined) {
      summary = { read: 0, tags: new Map() }
      this.#summaries.set(entry, summary)
    }
    for (; summary.read < entry.series.length; summary.read++) {
      for (const [key, value] of entry.series[summary.read]!.attributes) {
        const values = summary.tags.get(key)
        if (values === undefined) summary.tags.set(key, new Set([value]))
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
