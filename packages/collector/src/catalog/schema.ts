/** The catalog's tables, as steps: `user_version` says how many a file has been through. */
import type Database from 'better-sqlite3'
import { TelltaleError } from '../errors.js'

const steps = [
  `CREATE TABLE projects (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     name TEXT NOT NULL UNIQUE,
     created_ms INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE keys (
     id TEXT PRIMARY KEY,
     project_id INTEGER NOT NULL REFERENCES projects (id),
     scope TEXT NOT NULL CHECK (scope IN ('ingest', 'read', 'admin')),
     publishable INTEGER NOT NULL,
     hash TEXT NOT NULL UNIQUE,
     created_ms INTEGER NOT NULL,
     revoked_ms INTEGER,
     last_used_ms INTEGER
   ) STRICT;
   CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;`,
  // Every version of every definition, from when it was in force; without a body it was deleted.
  `CREATE TABLE definitions (
     project_id INTEGER NOT NULL REFERENCES projects (id),
     name TEXT NOT NULL,
     version INTEGER NOT NULL,
     from_ms INTEGER NOT NULL,
     created_ms INTEGER NOT NULL,
     body TEXT,
     PRIMARY KEY (project_id, name, version)
   ) STRICT;`,
  `CREATE TABLE dashboards (
     id TEXT PRIMARY KEY,
     project_id INTEGER NOT NULL REFERENCES projects (id),
     name TEXT NOT NULL,
     version INTEGER NOT NULL,
     content TEXT NOT NULL,
     public_link TEXT UNIQUE,
     created_ms INTEGER NOT NULL,
     updated_ms INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX dashboards_by_project ON dashboards (project_id, updated_ms);
   CREATE TABLE dashboard_versions (
     dashboard_id TEXT NOT NULL REFERENCES dashboards (id) ON DELETE CASCADE,
     version INTEGER NOT NULL,
     name TEXT NOT NULL,
     content TEXT NOT NULL,
     saved_ms INTEGER NOT NULL,
     PRIMARY KEY (dashboard_id, version)
   ) STRICT;
   CREATE TABLE revoked_tokens (
     id TEXT PRIMARY KEY,
     project_id INTEGER NOT NULL REFERENCES projects (id),
     until_ms INTEGER NOT NULL
   ) STRICT;`,
  `CREATE TABLE retention (
     project_id INTEGER PRIMARY KEY REFERENCES projects (id),
     version INTEGER NOT NULL,
     rules TEXT NOT NULL
   ) STRICT;`,
  `CREATE TABLE annotations (
     id TEXT PRIMARY KEY,
     project_id INTEGER NOT NULL REFERENCES projects (id),
     version INTEGER NOT NULL,
     start_ms INTEGER NOT NULL,
     end_ms INTEGER NOT NULL,
     content TEXT NOT NULL,
     created_ms INTEGER NOT NULL,
     updated_ms INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX annotations_by_time ON annotations (project_id, start_ms, end_ms);`,
  // Whoever names an id revokes a token of the own project, never one of another.
  `ALTER TABLE revoked_tokens RENAME TO revoked_tokens_before;
   CREATE TABLE revoked_tokens (
     project_id INTEGER NOT NULL REFERENCES projects (id),
     id TEXT NOT NULL,
     until_ms INTEGER NOT NULL,
     PRIMARY KEY (project_id, id)
   ) STRICT;
   INSERT INTO revoked_tokens SELECT project_id, id, until_ms FROM revoked_tokens_before;
   DROP TABLE revoked_tokens_before;`,
]

/** Brings a file up to date in one transaction; two processes that start at once do it once. */
export function migrate(db: Database.Database): void {
  const version = () => db.pragma('user_version', { simple: true }) as number
  if (version() > steps.length) {
    throw new TelltaleError(
      'storage_unavailable',
      `${db.name} was written by a newer version of Telltale; start that version instead`,
    )
  }
  if (version() === steps.length) return
  db.transaction(() => {
    for (const step of steps.slice(version())) db.exec(step)
    db.pragma(`user_version = ${steps.length}`)
  }).immediate()
}
