/**
 * `manifest.db`: a copy of what segments need to be understood (the manifest, the series, and up to which batch everything is
 * sealed), for the day on which `journal.db` turns out to be broken. Brought up to date after each change of the manifest, and
 * before files are removed or sealed batches deleted: so the copy together with the files that are there is whole, even
 * where a kill has kept it one change behind.
 */
import { rmSync } from 'node:fs'
import Database from 'better-sqlite3'
import { checkMeta, checkStructure } from './checks.js'
import { Manifest } from './manifest.js'
import { prepareSchema, sealedSeqOf } from './schema.js'
import { SeriesTable } from './series-table.js'

export class ManifestCopy {
  readonly #file: string
  readonly #journal: string
  readonly #onFailure: (error: unknown) => void
  #db: Database.Database | undefined

  /** `onFailure` hears why the copy could not be written; everything goes on without it. */
  constructor(journal: string, onFailure: (error: unknown) => void) {
    this.#journal = journal
    this.#file = manifestCopyPath(journal)
    this.#onFailure = onFailure
  }

  /** Makes the copy say what `journal.db` says now. */
  update(): void {
    try {
      this.#db ??= this.#open()
      copyInto(this.#db)
    } catch (error) {
      this.#discard()
      this.#onFailure(error)
    }
  }

  close(): void {
    this.#db?.close()
    this.#db = undefined
  }

  #open(): Database.Database {
    // One that is broken is only a copy.
    if (readManifestCopy(this.#journal) === undefined) this.#discard()
    const db = new Database(this.#file, { timeout: 5000 })
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = NORMAL')
    db.pragma('journal_size_limit = 1048576')
    prepareSchema(db)
    db.prepare('ATTACH ? AS original').run(this.#journal)
    // Somebody has put another journal.db into its place: numbers of series may mean others now.
    if (seriesSum(db, 'main') !== seriesSum(db, 'original')) db.exec('DELETE FROM main.series')
    return db
  }

  #discard(): void {
    try {
      this.close()
      for (const suffix of ['', '-wal', '-shm']) rmSync(`${this.#file}${suffix}`, { force: true })
    } catch {
      // The next start tries again.
    }
  }
}

/** Of the series that the copy may have. */
function seriesSum(db: Database.Database, of: 'main' | 'original'): number {
  const sum = db.prepare<[], { sum: number }>(`
    SELECT total(check32) AS sum FROM ${of}.series WHERE id <= (SELECT coalesce(max(id), 0) FROM main.series)`)
  return sum.get()?.sum ?? 0
}

function copyInto(db: Database.Database): void {
  db.transaction(() => {
    db.exec(`
      INSERT INTO main.series SELECT * FROM original.series
        WHERE id > (SELECT coalesce(max(id), 0) FROM main.series);
      DELETE FROM main.segments WHERE NOT EXISTS (SELECT 1 FROM original.segments o
        WHERE o.file = main.segments.file AND o.id = main.segments.id AND o.check32 = main.segments.check32
          AND o.damaged IS main.segments.damaged);
      INSERT INTO main.segments SELECT * FROM original.segments o
        WHERE NOT EXISTS (SELECT 1 FROM main.segments s WHERE s.file = o.file);
      INSERT OR REPLACE INTO main.meta SELECT * FROM original.meta;
    `)
  })()
}

export function manifestCopyPath(journal: string): string {
  return journal.replace(/journal\.db$/, 'manifest.db')
}

/** What a sound copy says; undefined where there is none. */
export function readManifestCopy(journal: string) {
  let db: Database.Database | undefined
  try {
    db = new Database(manifestCopyPath(journal), { readonly: true, fileMustExist: true, timeout: 5000 })
    return readManifest(db)
  } catch {
    return undefined
  } finally {
    db?.close()
  }
}

export interface SegmentRow extends Record<string, unknown> {
  file: string
  damaged: string | null
}

/** Manifest, series and mark of a database, all against their checksums; throws where something is broken. */
export function readManifest(db: Database.Database) {
  checkStructure(db)
  checkMeta(db)
  new Manifest(db).list()
  new SeriesTable(db).load()
  return {
    sealedSeq: sealedSeqOf(db),
    segments: db.prepare<[], SegmentRow>('SELECT * FROM segments ORDER BY id').all(),
    series: db.prepare<[], Record<string, unknown> & { id: number }>('SELECT * FROM series').all(),
  }
}
