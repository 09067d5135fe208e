/** What the catalog keeps about embed tokens: the secret that signs them, and which were revoked before their time. */
import { randomBytes } from 'node:crypto'
import type Database from 'better-sqlite3'

const secretFact = 'embed_token_secret'
const secretBytes = 32

export class RevokedTokens {
  readonly #db: Database.Database
  readonly #find: Database.Statement

  constructor(db: Database.Database) {
    this.#db = db
    this.#find = db.prepare('SELECT 1 FROM revoked_tokens WHERE project_id = ? AND id = ?').pluck()
  }

  /** Made once; every process of this data folder signs and checks with it. */
  secret(): Uint8Array {
    this.#db
      .prepare('INSERT OR IGNORE INTO facts (name, value) VALUES (?, ?)')
      .run(secretFact, randomBytes(secretBytes).toString('base64'))
    const text = this.#db.prepare('SELECT value FROM facts WHERE name = ?').pluck().get(secretFact) as string
    return new Uint8Array(Buffer.from(text, 'base64'))
  }

  has(project: number, id: string): boolean {
    return this.#find.get(project, id) !== undefined
  }

  /** Kept until the token would have expired by itself, which is `untilMs` at the latest. */
  add(project: number, id: string, untilMs: number, nowMs: number): void {
    this.#db.transaction(() => {
      this.#db.prepare('DELETE FROM revoked_tokens WHERE until_ms < ?').run(nowMs)
      this.#db.prepare('INSERT OR IGNORE INTO revoked_tokens VALUES (?, ?, ?)').run(project, id, untilMs)
    })()
  }
}
