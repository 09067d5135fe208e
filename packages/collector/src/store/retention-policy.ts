/** Who decides how long something is kept: defaults by resolution, and rules for prefixes of metrics, of all projects or of one. */
import type { ProjectId, SeriesId } from '../model.js'
import type { RetentionOptions } from './options.js'
import type { RetentionRule } from './store.js'

type LevelKey = keyof RetentionOptions

/** Series that one rule governs at one resolution. */
export interface SeriesClass {
  /** Names the rule and whatever is carved out of it: equal keys, equal series. */
  key: string
  keepMs: number
  /** Ascending. */
  series: Uint32Array
}

/** The metrics of a project with their series; both grow and never change. */
export type SeriesOf = (project: ProjectId) => { count: number; metrics: ReadonlyMap<string, readonly SeriesId[]> }

export class RetentionPolicy {
  readonly #defaults: Readonly<Required<RetentionOptions>>
  readonly #seriesOf: SeriesOf
  #rules: readonly RetentionRule[] = []
  readonly #classes = new Map<string, { count: number; classes: SeriesClass[] }>()

  constructor(defaults: Readonly<Required<RetentionOptions>>, rules: readonly RetentionRule[], seriesOf: SeriesOf) {
    this.#defaults = defaults
    this.#seriesOf = seriesOf
    this.rules = rules
  }

  /** Longest prefix first, and those of one project before those of all: the first that fits decides. */
  set rules(rules: readonly RetentionRule[]) {
    const own = ({ project }: RetentionRule) => (project === undefined ? 0 : 1)
    this.#rules = [...rules].sort((a, b) => b.prefix.length - a.prefix.length || own(b) - own(a))
    this.#classes.clear()
  }

  /** For rows that belong to no metric. */
  keepMs(project: ProjectId, level: LevelKey): number {
    return this.#fitting(project, level).find(({ prefix }) => prefix === '')?.keep[level] ?? this.#defaults[level]
  }

  /** The series of a project by the rule that governs them; undefined where there is one rule for all. */
  classes(project: ProjectId, level: LevelKey): readonly SeriesClass[] | undefined {
    const rules = this.#fitting(project, level)
    if (rules.every(({ prefix }) => prefix === '')) return undefined
    const { count, metrics } = this.#seriesOf(project)
    const cacheKey = `${project} ${level}`
    const cached = this.#classes.get(cacheKey)
    if (cached?.count === count) return cached.classes
    const byPrefix = new Map<string, SeriesId[]>()
    for (const [metric, series] of metrics) {
      const prefix = rules.find((rule) => metric.startsWith(rule.prefix))?.prefix ?? ''
      const governed = byPrefix.get(prefix) ?? []
      byPrefix.set(prefix, governed)
      for (const id of series) governed.push(id)
    }
    const classes = [...byPrefix].map(([prefix, series]) => ({
      key: classKey(prefix, rules),
      keepMs: rules.find((rule) => rule.prefix === prefix)?.keep[level] ?? this.#defaults[level],
      series: Uint32Array.from(series).sort(),
    }))
    this.#classes.set(cacheKey, { count, classes })
    return classes
  }

  #fitting(project: ProjectId, level: LevelKey): RetentionRule[] {
    return this.#rules.filter((rule) => rule.keep[level] !== undefined && (rule.project ?? project) === project)
  }
}

function classKey(prefix: string, rules: readonly RetentionRule[]): string {
  const carved = rules.map((rule) => rule.prefix).filter((other) => other !== prefix && other.startsWith(prefix))
  return [prefix, ...new Set(carved)].sort().join('\n')
}
