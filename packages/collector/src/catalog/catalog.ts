/** The catalog: projects, keys and facts of this installation, in SQLite, beside the data and shared with the CLI. */
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Scope } from '@telltale/protocol/api'
import Database from 'better-sqlite3'
import { TelltaleError } from '../errors.js'
import type { ProjectId } from '../model.js'
import { Annotations } from './annotations.js'
import { Dashboards } from './dashboards.js'
import { Definitions } from './definitions.js'
import { newKeyId, newSecret, secretHash } from './keys.js'
import { RetentionSettings } from './retention.js'
import { RevokedTokens } from './revoked-tokens.js'
import { migrate } from './schema.js'

export interface Project {
  id: ProjectId
  name: string
}

export interface KeyInfo {
  id: string
  project: string
  scope: Scope
  /** May stand in a page and in `?key=`. */
  publishable: boolean
  createdMs: number
  revokedMs: number | null
  lastUsedMs: number | null
}

export interface CreatedKey extends KeyInfo {
  /** Shown this once; the catalog keeps only its hash. */
  secret: string
}

/** What a good key stands for. */
export interface KeyOwner {
  keyId: string
  project: ProjectId
  projectName: string
  scope: Scope
  publishable: boolean
}

export interface CatalogOptions {
  dataDir: string
  now?: () => number
}

interface KeyRow {
  id: string
  project: string
  project_id: number
  scope: Scope
  publishable: 0 | 1
  created_ms: number
  revoked_ms: number | null
  last_used_ms: number | null
}

const selectKeys = `SELECT k.id, p.name AS project, k.project_id, k.scope, k.publishable, k.created_ms, k.revoked_ms,
  k.last_used_ms FROM keys k JOIN projects p ON p.id = k.project_id`

/** Embed tokens are good for a day at most. */
const longestTokenMs = 24 * 3600_000

/** One connection. Several processes may hold one each: the CLI creates and revokes keys while a collector serves. */
export class Catalog {
  readonly definitions: Definitions
  readonly retention: RetentionSettings
  readonly dashboards: Dashboards
  readonly annotations: Annotations
  readonly #tokens: RevokedTokens
  readonly #db: Database.Database
  readonly #now: () => number
  readonly #dataVersion: Database.Statement
  readonly #findKey: Database.Statement
  readonly #touchKey: Database.Statement
  readonly #used = new Map<string, number>()
  #ownChanges = 0

  constructor({ dataDir, now = Date.now }: CatalogOptions) {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    const path = join(dataDir, 'catalog.db')
    this.#db = new Database(path, { timeout: 5000 })
    chmodSync(path, 0o600)
    this.#db.pragma('journal_mode = WAL')
    this.#db.pragma('synchronous = FULL')
    this.#db.pragma('foreign_keys = ON')
    migrate(this.#db)
    this.#now = now
    this.retention = new RetentionSettings(this.#db)
    this.definitions = new Definitions(this.#db, now)
    this.dashboards = new Dashboards(this.#db, now)
    this.annotations = new Annotations(this.#db, now)
    this.#tokens = new RevokedTokens(this.#db)
    this.#dataVersion = this.#db.prepare('PRAGMA data_version').pluck()
    this.#findKey = this.#db.prepare(`${selectKeys} WHERE k.hash = ? AND k.revoked_ms IS NULL`)
    this.#touchKey = this.#db.prepare('UPDATE keys SET last_used_ms = max(coalesce(last_used_ms, 0), ?) WHERE id = ?')
  }

  /** Differs from its last value whenever anybody, in any process, has changed the catalog. */
  version(): string {
    return `${this.#dataVersion.get()}.${this.#ownChanges}`
  }

  project(name: string): Project | undefined {
    return this.#db.prepare('SELECT id, name FROM projects WHERE name = ?').get(name) as Project | undefined
  }

  projectById(id: ProjectId): Project | undefined {
    return this.#db.prepare('SELECT id, name FROM projects WHERE id = ?').get(id) as Project | undefined
  }

  projects(): Project[] {
    return this.#db.prepare('SELECT id, name FROM projects ORDER BY id').all() as Project[]
  }

  /** The project of that name, made when it is new. */
  ensureProject(name: string): Project {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) {
      throw new TelltaleError(
        'invalid_request',
        `"${name}" cannot name a project: use 1 to 64 letters, digits, dots, dashes and underscores`,
      )
    }
    this.#change('INSERT OR IGNORE INTO projects (name, created_ms) VALUES (?, ?)', name, this.#now())
    return this.project(name) as Project
  }

  createKey(project: string, scope: Scope, publishable = false): CreatedKey {
    if (publishable && scope !== 'ingest') {
      throw new TelltaleError('invalid_request', 'Only keys of scope ingest can be publishable')
    }
    const create = this.#db.transaction((): CreatedKey => {
      const { id: projectId, name } = this.ensureProject(project)
      const id = newKeyId()
      const secret = newSecret(scope, publishable)
      const createdMs = this.#now()
      this.#change(
        'INSERT INTO keys (id, project_id, scope, publishable, hash, created_ms) VALUES (?, ?, ?, ?, ?, ?)',
        id,
        projectId,
        scope,
        publishable ? 1 : 0,
        secretHash(secret),
        createdMs,
      )
      return { id, project: name, scope, publishable, createdMs, revokedMs: null, lastUsedMs: null, secret }
    })
    return create.immediate()
  }

  keys(project?: string): KeyInfo[] {
    const where = project === undefined ? '' : 'WHERE p.name = ?'
    const rows = this.#db.prepare(`${selectKeys} ${where} ORDER BY k.created_ms, k.id`)
    return (rows.all(...(project === undefined ? [] : [project])) as KeyRow[]).map(toKeyInfo)
  }

  /** False where no such key is in force. */
  revokeKey(id: string): boolean {
    return this.#change('UPDATE keys SET revoked_ms = ? WHERE id = ? AND revoked_ms IS NULL', this.#now(), id) > 0
  }

  /** Removes a key that was made for one use, so that it does not stand in lists for ever. */
  forgetKey(id: string): void {
    this.#change('DELETE FROM keys WHERE id = ?', id)
  }

  findKey(hash: string): KeyOwner | undefined {
    const row = this.#findKey.get(hash) as KeyRow | undefined
    if (!row) return undefined
    const { id: keyId, project_id: project, project: projectName, scope } = row
    return { keyId, project, projectName, scope, publishable: row.publishable === 1 }
  }

  isKeyInForce(id: string): boolean {
    return this.#db.prepare('SELECT 1 FROM keys WHERE id = ? AND revoked_ms IS NULL').pluck().get(id) !== undefined
  }

  /** 32 bytes that sign embed tokens. */
  embedSecret(): Uint8Array {
    return this.#tokens.secret()
  }

  revokeToken(project: ProjectId, id: string): void {
    this.#ownChanges++
    this.#tokens.add(project, id, this.#now() + longestTokenMs, this.#now())
  }

  isTokenRevoked(project: ProjectId, id: string): boolean {
    return this.#tokens.has(project, id)
  }

  /** Remembers that a key was used; `flushUsage` writes it down, so that no request pays for a commit. */
  noteUse(keyId: string): void {
    this.#used.set(keyId, this.#now())
  }

  flushUsage(): void {
    if (this.#used.size === 0) return
    const uses = [...this.#used]
    this.#used.clear()
    this.#db.transaction(() => {
      for (const [keyId, usedMs] of uses) this.#touchKey.run(usedMs, keyId)
    })()
  }

  /** A fact of this installation, such as the admission settings that its journal was written under. */
  fact(name: string): string | undefined {
    return this.#db.prepare('SELECT value FROM facts WHERE name = ?').pluck().get(name) as string | undefined
  }

  setFact(name: string, value: string): void {
    this.#change('INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value', name, value)
  }

  close(): void {
    if (!this.#db.open) return
    this.flushUsage()
    this.#db.close()
  }

  #change(sql: string, ...values: (string | number)[]): number {
    this.#ownChanges++
    return this.#db.prepare(sql).run(...values).changes
  }
}

function toKeyInfo(row: KeyRow): KeyInfo {
  return {
    id: row.id,
    project: row.project,
    scope: row.scope,
    publishable: row.publishable === 1,
    createdMs: row.created_ms,
    revokedMs: row.revoked_ms,
    lastUsedMs: row.last_used_ms,
  }
}
