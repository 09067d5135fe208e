/** Dashboards of all projects, with the versions that each has been through. Contents are JSON, checked by the routes. */
import { randomBytes, randomUUID } from 'node:crypto'
import type { Dashboard, DashboardSummary, ResolvedDashboardConfig } from '@telltale/protocol/api'
import type Database from 'better-sqlite3'
import { base62 } from './keys.js'

/** Older versions go when a board has more than these. */
const maxVersions = 50

export interface DashboardSearch {
  search?: string
  folder?: string
  tag?: string
  /** Absent: all of the project. */
  ids?: readonly string[]
  sort: 'name' | 'created_at' | 'updated_at'
  order: 'asc' | 'desc'
  limit: number
  offset: number
}

export interface SavedVersion {
  version: number
  name: string
  savedMs: number
}

interface Row {
  id: string
  version: number
  content: string
  public_link: string | null
  created_ms: number
  updated_ms: number
}

const sortSql = { name: 'name COLLATE NOCASE', created_at: 'created_ms', updated_at: 'updated_ms' } as const

export class Dashboards {
  readonly #db: Database.Database
  readonly #now: () => number

  constructor(db: Database.Database, now: () => number) {
    this.#db = db
    this.#now = now
  }

  list(project: number, search: DashboardSearch): { data: DashboardSummary[]; total: number } {
    const where = ['project_id = @project']
    const values: Record<string, string | number> = { project, limit: search.limit, offset: search.offset }
    if (search.search) {
      where.push("(name LIKE @like ESCAPE '\\' OR json_extract(content, '$.description') LIKE @like ESCAPE '\\')")
      values.like = `%${search.search.replace(/[\\%_]/g, '\\$&')}%`
    }
    if (search.folder !== undefined) {
      where.push("json_extract(content, '$.folder') = @folder")
      values.folder = search.folder
    }
    if (search.tag !== undefined) {
      where.push("EXISTS (SELECT 1 FROM json_each(content, '$.tags') WHERE value = @tag)")
      values.tag = search.tag
    }
    if (search.ids !== undefined) {
      where.push('id IN (SELECT value FROM json_each(@ids))')
      values.ids = JSON.stringify(search.ids)
    }
    const from = `FROM dashboards WHERE ${where.join(' AND ')}`
    const total = this.#db.prepare(`SELECT count(*) ${from}`).pluck().get(values) as number
    const direction = search.order === 'desc' ? 'DESC' : 'ASC'
    const rows = this.#db
      .prepare(`SELECT * ${from} ORDER BY ${sortSql[search.sort]} ${direction}, id LIMIT @limit OFFSET @offset`)
      .all(values) as Row[]
    return { data: rows.map(toSummary), total }
  }

  get(project: number, id: string): Dashboard | undefined {
    const row = this.#db.prepare('SELECT * FROM dashboards WHERE project_id = ? AND id = ?').get(project, id)
    return row === undefined ? undefined : toDashboard(row as Row)
  }

  /** By the unguessable name of its link, while it is public. */
  byLink(link: string): { project: number; dashboard: Dashboard } | undefined {
    const row = this.#db.prepare('SELECT * FROM dashboards WHERE public_link = ?').get(link) as
      | (Row & { project_id: number })
      | undefined
    return row && { project: row.project_id, dashboard: toDashboard(row) }
  }

  create(project: number, content: ResolvedDashboardConfig): Dashboard {
    const id = randomUUID()
    const nowMs = this.#now()
    const write = this.#db.transaction(() => {
      this.#db
        .prepare(
          `INSERT INTO dashboards (id, project_id, name, version, content, public_link, created_ms, updated_ms)
           VALUES (?, ?, ?, 1, ?, ?, ?, ?)`,
        )
        .run(id, project, content.name, contentJson(content), linkOf(content, null), nowMs, nowMs)
      this.#keepVersion(id, 1, content, nowMs)
    })
    write.immediate()
    return this.get(project, id) as Dashboard
  }

  /**
   * Saves a next version, where `check` lets the one that is there go; what it throws leaves everything as it is.
   * Undefined: there is no such board.
   */
  update(
    project: number,
    id: string,
    content: ResolvedDashboardConfig,
    check: (current: Dashboard) => void,
  ): Dashboard | undefined {
    const write = this.#db.transaction(() => {
      const current = this.get(project, id)
      if (current === undefined) return undefined
      check(current)
      const version = current.version + 1
      const nowMs = this.#now()
      this.#db
        .prepare(
          'UPDATE dashboards SET name = ?, version = ?, content = ?, public_link = ?, updated_ms = ? WHERE id = ?',
        )
        .run(content.name, version, contentJson(content), linkOf(content, current.public_link), nowMs, id)
      this.#keepVersion(id, version, content, nowMs)
      return this.get(project, id)
    })
    return write.immediate()
  }

  /** False where there is no such board. */
  remove(project: number, id: string, check: (current: Dashboard) => void): boolean {
    const write = this.#db.transaction(() => {
      const current = this.get(project, id)
      if (current === undefined) return false
      check(current)
      this.#db.prepare('DELETE FROM dashboards WHERE id = ?').run(id)
      return true
    })
    return write.immediate()
  }

  /** Newest first. */
  versions(id: string): SavedVersion[] {
    return this.#db
      .prepare(
        'SELECT version, name, saved_ms AS savedMs FROM dashboard_versions WHERE dashboard_id = ? ORDER BY version DESC',
      )
      .all(id) as SavedVersion[]
  }

  version(id: string, version: number): ResolvedDashboardConfig | undefined {
    const content = this.#db
      .prepare('SELECT content FROM dashboard_versions WHERE dashboard_id = ? AND version = ?')
      .pluck()
      .get(id, version) as string | undefined
    return content === undefined ? undefined : (JSON.parse(content) as ResolvedDashboardConfig)
  }

  #keepVersion(id: string, version: number, content: ResolvedDashboardConfig, nowMs: number): void {
    this.#db
      .prepare('INSERT INTO dashboard_versions (dashboard_id, version, name, content, saved_ms) VALUES (?, ?, ?, ?, ?)')
      .run(id, version, content.name, contentJson(content), nowMs)
    this.#db
      .prepare('DELETE FROM dashboard_versions WHERE dashboard_id = ? AND version <= ?')
      .run(id, version - maxVersions)
  }
}

/** A board that is made public again gets a new link: the old one may be known to those who should not have it. */
function linkOf({ is_public }: ResolvedDashboardConfig, current: string | null): string | null {
  return is_public ? (current ?? base62(randomBytes(24))) : null
}

/** What was sent, without what the store itself knows better. */
function contentJson(content: ResolvedDashboardConfig): string {
  const { id, version, created_at, updated_at, public_link, ...own } = content
  return JSON.stringify(own)
}

function toDashboard(row: Row): Dashboard {
  return {
    id: row.id,
    version: row.version,
    ...(JSON.parse(row.content) as Omit<Dashboard, 'id' | 'version' | 'created_at' | 'updated_at' | 'public_link'>),
    created_at: new Date(row.created_ms).toISOString(),
    updated_at: new Date(row.updated_ms).toISOString(),
    public_link: row.public_link,
  }
}

function toSummary(row: Row): DashboardSummary {
  const { widgets, filters, refreshInterval, time_range, time_zone, public_link, ...summary } = toDashboard(row)
  return { ...summary, widget_count: widgets.length }
}
