/**
 * Definitions of metrics, by project. Every version is kept with the time from which it was in force, because the journal
 * is replayed under the definitions that its batches met when they came.
 */
import { Kind, type KindCode } from '@telltale/protocol'
import type { Definition, ResolvedDefinitionInput } from '@telltale/protocol/api'
import type Database from 'better-sqlite3'
import { TelltaleError } from '../errors.js'
import type { MetricDefinition, MetricDefinitions, ProjectId } from '../model.js'

/** Of one project. */
const maxDefinitions = 1000
/** Versions that were replaced before this are forgotten: no journal is that old. */
const historyMs = 7 * 86_400_000

interface Row {
  project: ProjectId
  name: string
  version: number
  from_ms: number
  created_ms: number
  body: string | null
}

/** Definitions from one change to the next. */
interface Epoch {
  fromMs: number
  byName: ReadonlyMap<string, MetricDefinition>
}

const nothing: ReadonlyMap<string, MetricDefinition> = new Map()

export class Definitions implements MetricDefinitions {
  readonly #db: Database.Database
  readonly #now: () => number
  readonly #epochs = new Map<ProjectId, Epoch[]>()
  readonly #latest: Database.Statement<[ProjectId, string], Row>
  readonly #insert: Database.Statement<[ProjectId, string, number, number, number, string | null]>

  constructor(db: Database.Database, now: () => number) {
    this.#db = db
    this.#now = now
    this.#latest = db.prepare(
      `SELECT project_id AS project, name, version, from_ms, created_ms, body FROM definitions
       WHERE project_id = ? AND name = ? ORDER BY version DESC LIMIT 1`,
    )
    this.#insert = db.prepare('INSERT INTO definitions VALUES (?, ?, ?, ?, ?, ?)')
    this.#load()
  }

  at(project: ProjectId, timeMs: number): ReadonlyMap<string, MetricDefinition> {
    const epochs = this.#epochs.get(project)
    if (epochs === undefined) return nothing
    for (let i = epochs.length - 1; i >= 0; i--) if (timeMs >= epochs[i]!.fromMs) return epochs[i]!.byName
    return nothing
  }

  list(project: ProjectId): Definition[] {
    const rows = this.#db
      .prepare<[ProjectId], Row>(
        `SELECT project_id AS project, name, max(version) AS version, from_ms, created_ms, body FROM definitions
         WHERE project_id = ? GROUP BY name ORDER BY name`,
      )
      .all(project)
    return rows.filter(({ body }) => body !== null).map(toDefinition)
  }

  /** Throws `unknown_definition`. */
  get(project: ProjectId, name: string): Definition {
    return toDefinition(this.#existing(project, name))
  }

  /** Throws `conflict` where the name is defined already, or the project has too many. */
  create(project: ProjectId, input: ResolvedDefinitionInput): Definition {
    const create = this.#db.transaction(() => {
      const before = this.#latest.get(project, input.name)
      if (before !== undefined && before.body !== null) {
        throw new TelltaleError('conflict', `${input.name} is defined already. Replace it with PUT.`)
      }
      if (this.list(project).length >= maxDefinitions) {
        throw new TelltaleError('conflict', `A project has at most ${maxDefinitions} definitions. Delete one first.`)
      }
      return this.#write(project, input.name, before, input)
    })
    return this.#inForce(create.immediate())
  }

  /** Throws `unknown_definition`, or `precondition_failed` where versions are expected and another one is in force. */
  replace(project: ProjectId, input: ResolvedDefinitionInput, expected?: readonly number[]): Definition {
    const replace = this.#db.transaction(() => {
      const before = this.#existing(project, input.name)
      requireVersion(before, expected)
      return this.#write(project, input.name, before, input)
    })
    return this.#inForce(replace.immediate())
  }

  /** Throws as `replace` does. What was stored under the name stays. */
  remove(project: ProjectId, name: string, expected?: readonly number[]): void {
    const remove = this.#db.transaction(() => {
      const before = this.#existing(project, name)
      requireVersion(before, expected)
      return this.#write(project, name, before, null)
    })
    this.#epoch(remove.immediate())
  }

  #existing(project: ProjectId, name: string): Row {
    const row = this.#latest.get(project, name)
    if (row !== undefined && row.body !== null) return row
    throw new TelltaleError(
      'unknown_definition',
      `${JSON.stringify(name)} is not defined. GET /api/v1/definitions lists what is.`,
    )
  }

  #write(project: ProjectId, name: string, before: Row | undefined, input: ResolvedDefinitionInput | null): Row {
    const nowMs = this.#now()
    const row: Row = {
      project,
      name,
      version: (before?.version ?? 0) + 1,
      // Later than any batch that was judged without it, even within this millisecond.
      from_ms: Math.max(nowMs, this.#epochs.get(project)?.at(-1)?.fromMs ?? 0) + 1,
      created_ms: before === undefined || before.body === null ? nowMs : before.created_ms,
      body: input === null ? null : JSON.stringify(input),
    }
    this.#insert.run(row.project, row.name, row.version, row.from_ms, row.created_ms, row.body)
    return row
  }

  #inForce(row: Row): Definition {
    this.#epoch(row)
    return toDefinition(row)
  }

  /** Takes a version into account, once it is on disk. */
  #epoch(row: Row): void {
    const epochs = this.#epochs.get(row.project) ?? []
    this.#epochs.set(row.project, epochs)
    const byName = new Map(epochs.at(-1)?.byName)
    if (row.body === null) byName.delete(row.name)
    else byName.set(row.name, toMetricDefinition(row.body))
    epochs.push({ fromMs: row.from_ms, byName })
  }

  #load(): void {
    const nowMs = this.#now()
    this.#db
      .prepare(
        `DELETE FROM definitions AS old WHERE EXISTS (SELECT 1 FROM definitions AS next
           WHERE next.project_id = old.project_id AND next.name = old.name AND next.version = old.version + 1
             AND next.from_ms < ?)`,
      )
      .run(nowMs - historyMs)
    const rows = this.#db.prepare<[], Row>(
      'SELECT project_id AS project, name, version, from_ms, created_ms, body FROM definitions ORDER BY from_ms',
    )
    for (const row of rows.iterate()) this.#epoch(row)
  }
}

type Managed = Pick<Definitions, 'list' | 'get' | 'create' | 'replace' | 'remove'>

/** The same, but a definition cannot give a metric another kind than its data has. */
export function withSettledKinds(
  definitions: Definitions,
  kindOf: (project: ProjectId, name: string) => KindCode | undefined,
): Managed {
  const check = (project: ProjectId, { name, kind }: ResolvedDefinitionInput) => {
    const settled = kindOf(project, name)
    if (settled === undefined || settled === Kind[kind]) return
    const [stored] = Object.entries(Kind).find(([, code]) => code === settled) ?? []
    throw new TelltaleError('conflict', `${name} has data as a ${stored}, and cannot be defined as a ${kind}.`)
  }
  return {
    list: (project) => definitions.list(project),
    get: (project, name) => definitions.get(project, name),
    create(project, input) {
      check(project, input)
      return definitions.create(project, input)
    },
    replace(project, input, expected) {
      check(project, input)
      return definitions.replace(project, input, expected)
    },
    remove: (project, name, expected) => definitions.remove(project, name, expected),
  }
}

function requireVersion(row: Row, expected: readonly number[] | undefined): void {
  if (expected === undefined || expected.includes(row.version)) return
  throw new TelltaleError(
    'precondition_failed',
    `${row.name} was changed meanwhile: it is at version ${row.version}. Look at \`details.current\`, then try again.`,
    { details: { current: toDefinition(row) } },
  )
}

function toDefinition({ version, created_ms, from_ms, body }: Row): Definition {
  const input = JSON.parse(body ?? '') as ResolvedDefinitionInput
  return {
    id: input.name,
    ...input,
    version,
    created_at: new Date(created_ms).toISOString(),
    updated_at: new Date(from_ms).toISOString(),
  }
}

function toMetricDefinition(body: string): MetricDefinition {
  const { name, kind, unit, description, attributes, bounds, expression } = JSON.parse(body) as ResolvedDefinitionInput
  return {
    ...{ name, unit, description, expression },
    kind: Kind[kind] as KindCode,
    attributes: attributes === null ? null : new Set(attributes),
    min: bounds.min ?? Number.NEGATIVE_INFINITY,
    max: bounds.max ?? Number.POSITIVE_INFINITY,
  }
}
