/** Definitions of every series ever stored, kept in the journal's file because a batch and its new series are one. */
import type { KindCode } from '@telltale/protocol'
import type Database from 'better-sqlite3'
import type { Attributes, ProjectId, SeriesDef, SeriesId } from '../model.js'
import { DamagedJournal, seriesCheck } from './checks.js'

interface Row {
  id: number
  project: number
  metric: string
  kind: KindCode
  unit: string
  description: string
  attributes: string
  lastSeenMs: number | null
  check32: number
}

export class SeriesTable {
  readonly #db: Database.Database
  readonly #insert: Database.Statement<[number, number, string, number, string, string, string, number]>
  readonly #seen: Database.Statement<[number, number]>

  constructor(db: Database.Database) {
    this.#db = db
    this.#insert = db.prepare(
      `INSERT OR IGNORE INTO series (id, project, metric, kind, unit, description, attributes, check32)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#seen = db.prepare('UPDATE series SET last_seen_ms = max(coalesce(last_seen_ms, 0), ?) WHERE id = ?')
  }

  /** Inside the transaction of the batch that brings the series. */
  insert(s: SeriesDef): void {
    const attributes = JSON.stringify(s.attributes)
    const check32 = seriesCheck({ ...s, attributes })
    this.#insert.run(s.id, s.project, s.metric, s.kind, s.unit, s.description, attributes, check32)
  }

  /** Throws `DamagedJournal` where a row is not as it was written. */
  load(): { series: SeriesDef[]; lastSeenMs: Map<SeriesId, number> } {
    const series: SeriesDef[] = []
    const lastSeenMs = new Map<SeriesId, number>()
    const rows = this.#db.prepare<[], Row>(
      `SELECT id, project, metric, kind, unit, description, attributes, last_seen_ms AS lastSeenMs, check32
       FROM series ORDER BY id`,
    )
    for (const row of rows.iterate()) {
      const { lastSeenMs: seen, attributes, check32, ...def } = row
      if (seriesCheck(row) !== check32) {
        throw new DamagedJournal(`the definition of series ${def.id} does not match its checksum`)
      }
      series.push({ ...def, attributes: JSON.parse(attributes) as Attributes })
      if (seen !== null) lastSeenMs.set(def.id, seen)
    }
    return { series, lastSeenMs }
  }

  /** Of one project, by metric. */
  byMetric(project: ProjectId): Map<string, SeriesId[]> {
    const found = new Map<string, SeriesId[]>()
    const rows = this.#db.prepare<[number], { id: number; metric: string }>(
      'SELECT id, metric FROM series WHERE project = ?',
    )
    for (const { id, metric } of rows.iterate(project)) {
      const series = found.get(metric)
      if (series === undefined) found.set(metric, [id])
      else series.push(id)
    }
    return found
  }

  /** Grows with every series, over all projects. */
  get last(): number {
    return this.#db.prepare<[], { last: number | null }>('SELECT max(id) AS last FROM series').get()?.last ?? 0
  }

  /** A hint for the catalogue; what the journal replays is newer. */
  setLastSeen(entries: (readonly [SeriesId, number])[]): void {
    this.#db.transaction(() => {
      for (const [id, timeMs] of entries) this.#seen.run(timeMs, id)
    })()
  }
}
