/**
 * Resolves a batch's series table to series numbers, once for each distinct table: senders keep their tables identical
 * between batches, so almost every batch finds its numbering ready.
 */
import { Kind, type Schema, type StringRef } from '@telltale/protocol'
import { type Attributes, isOwnMetric, type MetricDefinition, type ProjectId, type SeriesDef } from '../model.js'
import type { RejectionReason } from './admission.js'
import { virtualMetrics } from './built-in.js'
import type { SeriesRegistry } from './series-registry.js'

export class Numbering {
  /** Series number by place in the table; 0 where it was not needed yet or is refused. */
  readonly ids: Uint32Array
  /** Kind by place in the table. */
  readonly kinds: Uint8Array
  /** Latest accepted time by place in the table, of the batch at hand. */
  readonly lastMs: Float64Array
  /** Attributes of the resource that become tags of every series. */
  readonly resourceTags: Attributes
  /** Lowest and highest value by place in the table; absent where no metric of the table has bounds. */
  readonly bounds: { min: Float64Array; max: Float64Array } | undefined
  /** What was defined when this numbering was made; another object means that it is out of date. */
  readonly definitions: ReadonlyMap<string, MetricDefinition>
  /** It is for batches of the collector itself. */
  readonly isOwn: boolean
  /** All attributes of the resource that rows carry along, `version` included. */
  readonly resourceContext: Readonly<Record<string, string>>
  readonly #schema: Schema
  readonly #project: ProjectId
  readonly #registry: SeriesRegistry
  readonly #defs: (SeriesDef | undefined)[]
  readonly #refused: (RejectionReason | undefined)[]
  /** Some of the table's series are folded into others. */
  folds = false
  /** Definitions that were not durable when last seen. */
  #unsettled: SeriesDef[] = []

  constructor(
    schema: Schema,
    project: ProjectId,
    registry: SeriesRegistry,
    definitions: ReadonlyMap<string, MetricDefinition>,
    isOwn: boolean,
  ) {
    const { strings, resource, series } = schema
    this.definitions = definitions
    this.isOwn = isOwn
    this.bounds = boundsOf(schema, definitions)
    this.#schema = schema
    this.#project = project
    this.#registry = registry
    this.ids = new Uint32Array(series.length)
    this.kinds = Uint8Array.from(series, ({ kind }) => kind)
    this.lastMs = new Float64Array(series.length)
    this.#defs = new Array(series.length)
    this.#refused = new Array(series.length)
    const tags = new Map<string, string>()
    const context: Record<string, string> = {}
    for (let i = 0; i < resource.length; i += 2) {
      const key = strings[resource[i]]
      const value = strings[resource[i + 1]]
      if (key === '' || value === '' || key.startsWith('telltale.')) continue
      context[key] = value
      if (key !== 'version') tags.set(key, value)
    }
    this.resourceTags = [...tags].sort(byKey)
    this.resourceContext = context
  }

  /** Numbers the series at this place, or returns 0; `refusal` then says why. */
  number(place: number): number {
    if (this.#refused[place]) return 0
    const { strings, series } = this.#schema
    const { name, kind, unit, description } = series[place]
    const metric = strings[name]
    const refusal = this.#checkName(metric) ?? this.#checkKind(metric, kind)
    const own = series[place].attributes
    const attributes = refusal ? undefined : this.#attributes(own)
    const refused = refusal ?? (attributes ? this.#checkAllowed(metric, own) : 'invalid_name')
    if (!attributes || refused) {
      this.#refused[place] = refused
      return 0
    }
    const def = this.#registry.resolve({
      project: this.#project,
      metric,
      kind,
      unit: strings[unit],
      description: strings[description],
      attributes,
    })
    if (!def) {
      this.#refused[place] = 'too_many_series'
      return 0
    }
    this.ids[place] = def.id
    if (this.#registry.isOverflow(def.id)) this.folds = true
    this.#defs[place] = def
    if (this.#registry.isPending(def.id)) this.#unsettled.push(def)
    return def.id
  }

  /** Why `number` gave 0 for this place. */
  refusal(place: number): RejectionReason {
    return this.#refused[place] as RejectionReason
  }

  /** Definitions that must travel with the batch at hand. */
  pending(): SeriesDef[] {
    if (this.#unsettled.length === 0) return this.#unsettled
    this.#unsettled = this.#unsettled.filter(({ id }) => this.#registry.isPending(id))
    return this.#unsettled.slice()
  }

  /** Carries the batch's latest times over to the metrics. */
  noteLastSeen(): void {
    const { lastMs } = this
    for (let place = 0; place < lastMs.length; place++) {
      const time = lastMs[place]
      if (time === 0) continue
      lastMs[place] = 0
      const def = this.#defs[place]
      const metric = def && this.#registry.metric(this.#project, def.metric)
      if (metric && time > metric.lastSeenMs) metric.lastSeenMs = time
    }
  }

  #checkName(metric: string): RejectionReason | undefined {
    if (!isName(metric)) return 'invalid_name'
    if (isOwnMetric(metric) && !this.isOwn) return 'reserved_name'
    const isComputed = virtualMetrics.has(metric) || typeof this.definitions.get(metric)?.expression === 'string'
    return isComputed ? 'reserved_name' : undefined
  }

  #checkKind(metric: string, kind: number): RejectionReason | undefined {
    if (kind < Kind.counter || kind > Kind.histogram) return 'kind_mismatch'
    const settled = this.#registry.kindOf(this.#project, metric) ?? this.definitions.get(metric)?.kind
    return settled !== undefined && settled !== kind ? 'kind_conflict' : undefined
  }

  #checkAllowed(metric: string, refs: readonly StringRef[]): RejectionReason | undefined {
    const allowed = this.definitions.get(metric)?.attributes
    if (!allowed) return undefined
    const { strings } = this.#schema
    for (let i = 0; i < refs.length; i += 2) {
      if (strings[refs[i + 1]] !== '' && !allowed.has(strings[refs[i]])) return 'attribute_not_allowed'
    }
    return undefined
  }

  /** Own attributes over the resource's, sorted; an empty value is the same as none. Undefined: a bad key. */
  #attributes(refs: readonly StringRef[]): Attributes | undefined {
    if (refs.length === 0) return this.resourceTags
    const { strings } = this.#schema
    // Few and mostly in order: putting each in its place takes a fraction of what a map and a sort do.
    const merged: [string, string][] = this.resourceTags.slice() as [string, string][]
    for (let i = 0; i < refs.length; i += 2) {
      const key = strings[refs[i]]
      const value = strings[refs[i + 1]]
      if (!isName(key)) return undefined
      let at = merged.length
      while (at > 0 && merged[at - 1][0] >= key) at--
      const isThere = at < merged.length && merged[at][0] === key
      if (value === '') {
        if (isThere) merged.splice(at, 1)
      } else if (at === merged.length) merged.push([key, value])
      else merged.splice(at, isThere ? 1 : 0, [key, value])
    }
    return merged
  }
}

/** Numberings by schema object and project; they go when the decoder's cache lets go of the schema. */
export class Numberings {
  readonly #registry: SeriesRegistry
  readonly #bySchema = new WeakMap<object, Map<ProjectId, Numbering>>()

  constructor(registry: SeriesRegistry) {
    this.#registry = registry
  }

  for(
    schema: Schema,
    project: ProjectId,
    definitions: ReadonlyMap<string, MetricDefinition>,
    isOwn: boolean,
  ): Numbering {
    const projects = this.#bySchema.get(schema) ?? new Map<ProjectId, Numbering>()
    const found = projects.get(project)
    if (found?.definitions === definitions && found.isOwn === isOwn) return found
    const numbering = new Numbering(schema, project, this.#registry, definitions, isOwn)
    this.#bySchema.set(schema, projects.set(project, numbering))
    return numbering
  }
}

function boundsOf({ strings, series }: Schema, definitions: ReadonlyMap<string, MetricDefinition>) {
  if (definitions.size === 0) return undefined
  let bounds: { min: Float64Array; max: Float64Array } | undefined
  for (const [place, { name }] of series.entries()) {
    const definition = definitions.get(strings[name])
    if (definition === undefined || (definition.min === -Infinity && definition.max === Infinity)) continue
    bounds ??= {
      min: new Float64Array(series.length).fill(-Infinity),
      max: new Float64Array(series.length).fill(Infinity),
    }
    bounds.min[place] = definition.min
    bounds.max[place] = definition.max
  }
  return bounds
}

/** Something, without control characters, and without blanks at its ends that nobody would see. */
export function isName(text: string): boolean {
  if (text === '' || text !== text.trim()) return false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 32 || code === 127) return false
  }
  return true
}

function byKey(a: readonly [string, string], b: readonly [string, string]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0
}
