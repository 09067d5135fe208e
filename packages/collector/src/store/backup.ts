/**
 * Takes a backup of a data folder, whether or not a collector serves from it.
 *
 *   journal.db ─► copy (one snapshot) ─► exactly the segments that the copy names, each against its checksum
 *                  └── one of them is gone: it was merged or expired meanwhile ─► take the copy again
 *
 * Segments never change, so the copy of the journal decides what moment the backup shows.
 */
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import Database from 'better-sqlite3'
import { TelltaleError } from '../errors.js'
import { storageError } from '../journal/index.js'
import { type Archive, type ArchivedFile, type BackupManifest, backupManifestName, createArchive } from './archive.js'
import { fileSize } from './disk.js'
import { openJournalForReading, type Progress, type SegmentEntry, segmentEntries } from './offline.js'

export interface BackupOptions {
  dataDir: string
  /** A folder, or a file that ends in `.tar`. */
  target: string
  /** Version of the program. */
  version: string
  /** Leave damaged segments out, and mark them in the copy, rather than fail. */
  skipDamaged: boolean
  onProgress(progress: Progress): void
}

export interface BackupReport {
  files: number
  bytes: number
  segments: number
  /** Segments that were left out, by file. */
  skipped: { file: string; reason: string }[]
}

/** A collector merges a few times a minute at most; a folder that changes faster than this is something else. */
const MAX_ATTEMPTS = 10
const PAGES_PER_STEP = 4096

export async function backup(options: BackupOptions): Promise<BackupReport> {
  const dataDir = resolve(options.dataDir)
  const target = resolve(options.target)
  if (!relative(dataDir, target).startsWith('..')) {
    throw new TelltaleError('invalid_request', `${target} lies inside the data folder. Name a place outside of it`)
  }
  openJournalForReading(dataDir).close()
  const archive = await createArchive(target)
  let staging: string | undefined
  try {
    staging = await mkdtemp(join(dirname(target), '.telltale-backup-'))
    const report = await new Backup(archive, staging, { ...options, dataDir }).run()
    await archive.finish()
    return report
  } catch (error) {
    await archive.discard()
    throw storageError(error, `write the backup ${target}`)
  } finally {
    if (staging !== undefined) await rm(staging, { recursive: true, force: true })
  }
}

class Backup {
  readonly #archive: Archive
  readonly #staging: string
  readonly #options: BackupOptions
  readonly #copied = new Map<string, ArchivedFile>()
  readonly #skipped = new Map<string, string>()
  #doneBytes = 0

  constructor(archive: Archive, staging: string, options: BackupOptions) {
    this.#archive = archive
    this.#staging = staging
    this.#options = options
  }

  async run(): Promise<BackupReport> {
    const segments = await this.#journalAndSegments()
    const files = segments.filter(({ file }) => !this.#skipped.has(file)).map(({ file }) => this.#copied.get(file)!)
    files.push(await this.#add('journal.db', join(this.#staging, 'journal.db')))
    // After the journal: a project that its entries name is surely in there.
    if ((await fileSize(join(this.#options.dataDir, 'catalog.db'))) !== undefined) {
      await this.#snapshot('catalog.db')
      files.push(await this.#add('catalog.db', join(this.#staging, 'catalog.db')))
    }
    await this.#describe(files)
    return {
      files: files.length,
      bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
      segments: segments.length - this.#skipped.size,
      skipped: [...this.#skipped].map(([file, reason]) => ({ file, reason })),
    }
  }

  async #journalAndSegments(): Promise<SegmentEntry[]> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      await this.#snapshot('journal.db')
      const db = new Database(join(this.#staging, 'journal.db'))
      try {
        this.#skipped.clear()
        const segments = segmentEntries(db).filter(({ damaged }) => damaged === null)
        if (!(await this.#copySegments(segments))) continue
        const mark = db.prepare('UPDATE segments SET damaged = ? WHERE file = ?')
        for (const [file, reason] of this.#skipped) mark.run(`left out of a backup: ${reason}`, file)
        // One file, without a log beside it.
        db.pragma('wal_checkpoint(TRUNCATE)')
        return segments
      } finally {
        db.close()
      }
    }
    throw new TelltaleError('storage_unavailable', 'Segments changed faster than they could be copied. Try again later')
  }

  /** False where a segment is gone that the live manifest does not name any more either. */
  async #copySegments(segments: readonly SegmentEntry[]): Promise<boolean> {
    const missing = segments.filter(({ file }) => !this.#copied.has(file))
    const totalBytes = this.#doneBytes + missing.reduce((sum, { bytes }) => sum + bytes, 0)
    for (const segment of missing) {
      const reason = await this.#copySegment(segment, totalBytes)
      if (reason === undefined) continue
      if (!this.#isStillNamed(segment.file)) return false
      if (!this.#options.skipDamaged) {
        throw new TelltaleError(
          'storage_unavailable',
          `Segment ${segment.file} is damaged (${reason}). --skip-damaged leaves it out and takes the rest`,
        )
      }
      this.#skipped.set(segment.file, reason)
    }
    return true
  }

  /** What is wrong with it, or undefined once it is in the archive. */
  async #copySegment({ file, bytes, crc32 }: SegmentEntry, totalBytes: number): Promise<string | undefined> {
    const path = `segments/${file}`
    const source = await open(join(this.#options.dataDir, path)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
    if (source === undefined) return 'the file is missing'
    try {
      const { size } = await source.stat()
      if (size !== bytes) return `${size} bytes, not ${bytes}`
      const copy = await this.#archive.add(path, source, (count) => {
        this.#doneBytes += count
        this.#options.onProgress({ doneBytes: this.#doneBytes, totalBytes })
      })
      if (copy.crc32 !== crc32 || copy.bytes !== bytes) return 'the checksum does not match'
      this.#copied.set(file, copy)
      return undefined
    } finally {
      await source.close()
    }
  }

  #isStillNamed(file: string): boolean {
    const db = openJournalForReading(this.#options.dataDir)
    try {
      return segmentEntries(db).some((entry) => entry.file === file && entry.damaged === null)
    } finally {
      db.close()
    }
  }

  /** SQLite's online backup of one moment, which an open read transaction holds still while others write. */
  async #snapshot(name: string): Promise<void> {
    const copy = join(this.#staging, name)
    await rm(copy, { force: true })
    const db = new Database(join(this.#options.dataDir, name), { readonly: true, timeout: 5000 })
    try {
      db.exec('BEGIN')
      db.prepare('SELECT count(*) FROM sqlite_schema').get()
      await db.backup(copy, { progress: () => PAGES_PER_STEP })
      db.exec('COMMIT')
    } finally {
      db.close()
    }
  }

  async #describe(files: ArchivedFile[]): Promise<void> {
    const manifest: BackupManifest = {
      format: 'telltale-backup',
      version: 1,
      created_at: new Date().toISOString(),
      telltale: this.#options.version,
      files,
    }
    const path = join(this.#staging, backupManifestName)
    await writeFile(path, `${JSON.stringify(manifest, null, 2)}\n`)
    await this.#add(backupManifestName, path)
  }

  async #add(path: string, from: string): Promise<ArchivedFile> {
    const source = await open(from)
    try {
      return await this.#archive.add(path, source)
    } finally {
      await source.close()
    }
  }
}
