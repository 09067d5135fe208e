/** Rewrites the dictionary and series table of a part of a batch to what its rows still use. */
import type { AttributeColumn, Batch, Events, Series, StringRef, Tasks, U32Column } from '@telltale/protocol'

type Content = Omit<Batch, 'batchId' | 'streamId' | 'sequence' | 'sentTimeMs' | 'baseTimeMs'>

export function compact(content: Content): Content {
  const strings = new Renumbering(content.strings, [''])
  const series = new Renumbering<Series>(content.series, [])
  const resource = strings.list(content.resource)
  const metrics = {
    samples: content.samples && { ...content.samples, series: series.list(content.samples.series) },
    points: content.points && { ...content.points, series: series.list(content.points.series) },
    histograms: content.histograms && { ...content.histograms, series: series.list(content.histograms.series) },
  }
  return {
    ...metrics,
    resource,
    series: series.kept.map((one) => ({
      ...one,
      name: strings.ref(one.name),
      unit: strings.ref(one.unit),
      description: strings.ref(one.description),
      attributes: strings.list(one.attributes),
    })),
    events: content.events && compactEvents(content.events, strings),
    tasks: content.tasks && compactTasks(content.tasks, strings),
    drops: content.drops.map((drop) => ({ ...drop, reason: strings.ref(drop.reason) })),
    strings: strings.kept,
  }
}

/** Gives entries new numbers in the order of their first use. */
class Renumbering<T> {
  readonly kept: T[]
  readonly #entries: readonly T[]
  readonly #numbers = new Map<number, number>()

  /** `kept`: the entries from 0 on that keep their place. */
  constructor(entries: readonly T[], kept: T[]) {
    this.#entries = entries
    this.kept = kept
    for (let i = 0; i < kept.length; i++) this.#numbers.set(i, i)
  }

  ref(old: number): number {
    let number = this.#numbers.get(old)
    if (number === undefined) {
      number = this.kept.push(this.#entries[old]) - 1
      this.#numbers.set(old, number)
    }
    return number
  }

  list(refs: U32Column): StringRef[] {
    return Array.from(refs, (ref) => this.ref(ref))
  }

  optional(refs: U32Column | undefined): StringRef[] | undefined {
    return refs && this.list(refs)
  }
}

function compactEvents(events: Events, strings: Renumbering<string>): Events {
  return {
    ...events,
    name: strings.list(events.name),
    id: strings.optional(events.id),
    user: strings.optional(events.user),
    org: strings.optional(events.org),
    session: strings.optional(events.session),
    attributes: compactAttributes(events.attributes, strings),
  }
}

function compactTasks(tasks: Tasks, strings: Renumbering<string>): Tasks {
  return {
    ...tasks,
    type: strings.list(tasks.type),
    id: strings.list(tasks.id),
    parentId: strings.optional(tasks.parentId),
    traceId: strings.optional(tasks.traceId),
    errorType: strings.optional(tasks.errorType),
    errorMessage: strings.optional(tasks.errorMessage),
    attributes: compactAttributes(tasks.attributes, strings),
    steps: tasks.steps && { ...tasks.steps, name: strings.list(tasks.steps.name) },
  }
}

function compactAttributes(columns: readonly AttributeColumn[], strings: Renumbering<string>): AttributeColumn[] {
  return columns.map((column) => ({
    ...column,
    key: strings.ref(column.key),
    value: column.type === 'string' ? strings.list(column.value as U32Column) : column.value,
  }))
}
