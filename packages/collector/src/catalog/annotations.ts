/** Annotations of all projects. What they say is JSON, checked by the routes; their times are columns, to be found by. */
import { randomUUID } from 'node:crypto'
import type { Annotation, AnnotationList } from '@telltale/protocol/api'
import type Database from 'better-sqlite3'

/** What a client may say of one. */
export interface AnnotationContent {
  startMs: number
  /** Absent: a moment. */
  endMs?: number
  title: string
  text: string
  severity: Annotation['severity']
  tags: Annotation['tags']
}

export interface AnnotationSearch {
  /** Those that touch this span; half-open. */
  startMs: number
  endMs: number
  /** Part of the title or text, in any case. */
  search?: string
  limit: number
}

interface Row {
  id: string
  version: number
  start_ms: number
  end_ms: number
  content: string
  created_ms: number
  updated_ms: number
}

export class Annotations {
  readonly #db: Database.Database
  readonly #now: () => number

  constructor(db: Database.Database, now: () => number) {
    this.#db = db
    this.#now = now
  }

  /** The latest first; `sees` says which of them there are for whoever asks. */
  list(
    project: number,
    { startMs, endMs, search, limit }: AnnotationSearch,
    sees: (annotation: Annotation) => boolean = () => true,
  ): AnnotationList {
    const rows = this.#db
      .prepare<object, Row>(
        `SELECT * FROM annotations WHERE project_id = @project AND start_ms < @endMs AND end_ms >= @startMs
           AND (@like IS NULL OR json_extract(content, '$.title') LIKE @like ESCAPE '\\'
                              OR json_extract(content, '$.text') LIKE @like ESCAPE '\\')
         ORDER BY start_ms DESC, id`,
      )
      .iterate({ project, startMs, endMs, like: search ? `%${search.replace(/[\\%_]/g, '\\$&')}%` : null })
    const data: Annotation[] = []
    for (const row of rows) {
      const annotation = toAnnotation(row)
      if (!sees(annotation)) continue
      if (data.length === limit) return { data, truncated: true }
      data.push(annotation)
    }
    return { data, truncated: false }
  }

  get(project: number, id: string): Annotation | undefined {
    const row = this.#db.prepare('SELECT * FROM annotations WHERE project_id = ? AND id = ?').get(project, id)
    return row === undefined ? undefined : toAnnotation(row as Row)
  }

  create(project: number, content: AnnotationContent): Annotation {
    const id = randomUUID()
    const nowMs = this.#now()
    const { startMs, endMs = startMs } = content
    this.#db
      .prepare('INSERT INTO annotations VALUES (?, ?, 1, ?, ?, ?, ?, ?)')
      .run(id, project, startMs, endMs, contentJson(content), nowMs, nowMs)
    return this.get(project, id) as Annotation
  }

  /** Undefined: there is none. What `check` throws leaves everything as it is. */
  update(
    project: number,
    id: string,
    content: AnnotationContent,
    check: (current: Annotation) => void,
  ): Annotation | undefined {
    const write = this.#db.transaction(() => {
      const current = this.get(project, id)
      if (current === undefined) return undefined
      check(current)
      const { startMs, endMs = startMs } = content
      this.#db
        .prepare(
          'UPDATE annotations SET version = ?, start_ms = ?, end_ms = ?, content = ?, updated_ms = ? WHERE id = ?',
        )
        .run(current.version + 1, startMs, endMs, contentJson(content), this.#now(), id)
      return this.get(project, id)
    })
    return write.immediate()
  }

  /** False where there is none. */
  remove(project: number, id: string, check: (current: Annotation) => void): boolean {
    const write = this.#db.transaction(() => {
      const current = this.get(project, id)
      if (current === undefined) return false
      check(current)
      this.#db.prepare('DELETE FROM annotations WHERE id = ?').run(id)
      return true
    })
    return write.immediate()
  }
}

function contentJson({ title, text, severity, tags }: AnnotationContent): string {
  return JSON.stringify({ title, text, severity, tags })
}

function toAnnotation(row: Row): Annotation {
  return {
    id: row.id,
    version: row.version,
    time: iso(row.start_ms),
    end: row.end_ms > row.start_ms ? iso(row.end_ms) : null,
    ...(JSON.parse(row.content) as Pick<Annotation, 'title' | 'text' | 'severity' | 'tags'>),
    created_at: iso(row.created_ms),
    updated_at: iso(row.updated_ms),
  }
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString()
}
