/** Brings the retention rules of the configuration and of all projects together, for storage and for the API. */
import { ageMs, type Retention, type RetentionInput, type RetentionRule } from '@telltale/protocol/api'
import type { RetentionSettings } from './catalog/retention.js'
import type { Config, ConfiguredRule } from './config.js'
import type { ProjectId } from './model.js'
import type { Store, RetentionRule as StoredRule } from './store/store.js'

export interface RetentionParts {
  config: Config
  settings: RetentionSettings
  store: Pick<Store, 'retain'>
  projectOf(name: string): ProjectId | undefined
}

export class RetentionRules {
  readonly #parts: RetentionParts

  constructor(parts: RetentionParts) {
    this.#parts = parts
  }

  get(project: ProjectId): Retention {
    const { config, settings } = this.#parts
    const { rules, version } = settings.get(project)
    return { rules, defaults: defaultsOf(config), configured: this.#configured(project), version }
  }

  /** Throws `precondition_failed`. */
  async replace(project: ProjectId, input: RetentionInput, expected?: readonly number[]): Promise<Retention> {
    this.#parts.settings.replace(project, input, expected)
    await this.#parts.store.retain(this.all())
    return this.get(project)
  }

  /** Everything that holds now. A project's own rules go before those that the configuration has for the same prefix. */
  all(): StoredRule[] {
    const { config, settings, projectOf } = this.#parts
    const own = settings.all().flatMap(({ project, rules }) => rules.map((rule) => stored(rule, project)))
    const configured = config.retentionRules.flatMap(({ project: name, ...rule }): StoredRule[] => {
      const project = name === undefined ? undefined : projectOf(name)
      return name !== undefined && project === undefined ? [] : [stored(rule, project)]
    })
    return [...own, ...configured]
  }

  #configured(project: ProjectId): RetentionRule[] {
    const { config, projectOf } = this.#parts
    const fits = ({ project: name }: ConfiguredRule) => name === undefined || projectOf(name) === project
    return config.retentionRules.filter(fits).map(({ project: _, ...rule }) => rule)
  }
}

function defaultsOf({ retention: of }: Config): Retention['defaults'] {
  return {
    raw: durationText(of.rawMs),
    '1m': durationText(of['1mMs']),
    '5m': durationText(of['5mMs']),
    '1h': durationText(of['1hMs']),
    '1d': durationText(of['1dMs']),
    events: durationText(of.eventsMs),
  }
}

/** `86400000` → `1d`: in the largest unit that leaves no rest. */
function durationText(ms: number): string {
  for (const [unit, length] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
  ] as const) {
    if (ms % length === 0) return `${ms / length}${unit}`
  }
  return `${ms}ms`
}

function stored({ prefix, ...ages }: RetentionRule, project: ProjectId | undefined): StoredRule {
  const given = Object.entries(ages).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const keep = Object.fromEntries(given.map(([level, age]) => [`${level}Ms`, ageMs(age)]))
  return project === undefined ? { prefix, keep } : { project, prefix, keep }
}
