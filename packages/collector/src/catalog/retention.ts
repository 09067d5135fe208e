/** The retention rules of each project, as its admins set them: kept with a version, handed to storage with each change. */
import type { Retention, RetentionInput, RetentionRule } from '@telltale/protocol/api'
import type Database from 'better-sqlite3'
import { TelltaleError } from '../errors.js'
import type { ProjectId } from '../model.js'

interface Row {
  project: ProjectId
  version: number
  rules: string
}

export interface ProjectRules {
  project: ProjectId
  rules: RetentionRule[]
  version: number
}

export class RetentionSettings {
  readonly #db: Database.Database

  constructor(db: Database.Database) {
    this.#db = db
  }

  get(project: ProjectId): ProjectRules {
    return this.all().find((one) => one.project === project) ?? { project, rules: [], version: 0 }
  }

  all(): ProjectRules[] {
    const rows = this.#db.prepare<[], Row>('SELECT project_id AS project, version, rules FROM retention')
    return rows.all().map(({ rules, ...row }) => ({ ...row, rules: JSON.parse(rules) as RetentionRule[] }))
  }

  /** Throws `precondition_failed` where versions are expected and another one is in force. */
  replace(project: ProjectId, { rules }: RetentionInput, expected?: readonly number[]): ProjectRules {
    const replace = this.#db.transaction((): ProjectRules => {
      const current = this.get(project)
      if (expected !== undefined && !expected.includes(current.version)) {
        throw new TelltaleError(
          'precondition_failed',
          `The rules were changed meanwhile: they are at version ${current.version}. Read them again, then try again.`,
          { details: { current: { rules: current.rules, version: current.version } satisfies Partial<Retention> } },
        )
      }
      const version = current.version + 1
      this.#db
        .prepare('INSERT OR REPLACE INTO retention (project_id, version, rules) VALUES (?, ?, ?)')
        .run(project, version, JSON.stringify(rules))
      return { project, rules, version }
    })
    return replace.immediate()
  }
}
