/**
 * The segments that reads may use: the manifest in memory, with pruning, first-use checksums, and the setting aside of
 * damaged files. A flipped bit in a Parquet file mostly gives a wrong number and no error, so that nothing is read
 * before its checksum has been seen to hold.
 */
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Manifest, messageOf, type SegmentRecord, storageError, type TableName } from '../journal/index.js'
import type { ProjectId } from '../model.js'
import { crc32OfFile, fileSize, filesBelow, isMissing, makeFolder, syncFolder } from './disk.js'
import type { Log } from './options.js'
import { isRolledUpTable } from './tables.js'

export interface SegmentRange {
  project: ProjectId
  table: TableName
  /** Half-open. */
  startMs: number
  endMs: number
  /** Inclusive; only for tables with series. */
  minSeries?: number
  maxSeries?: number
  /** Leaves out segments whose rows are in the rollups. */
  onlyNotRolledUp?: boolean
}

export interface SegmentTotals {
  segments: number
  bytes: number
  rows: number
}

export interface Segment extends SegmentRecord {
  path: string
  /** The outcome of the first check, shared by all who wait for it. */
  verified?: Promise<boolean>
}

export class Segments {
  readonly #folder: string
  readonly #damagedFolder: string
  readonly #dataDir: string
  readonly #manifest: Manifest
  readonly #log: Log
  #segments = new Map<string, Segment>()
  /** By project; see `latestMs`. */
  readonly #latest = new Map<ProjectId, number>()
  #damaged: number
  readonly #aside = new Set<string>()

  constructor(dataDir: string, manifest: Manifest, log: Log) {
    this.#dataDir = dataDir
    this.#folder = join(dataDir, 'segments')
    this.#damagedFolder = join(dataDir, 'damaged')
    this.#manifest = manifest
    this.#log = log
    this.#damaged = manifest.damagedCount()
  }

  get damaged(): number {
    return this.#damaged
  }

  /**
   * Loads the manifest, checks that every file is there in its full size, and removes what a crash left over; before that,
   * `flush` makes sure that the manifest cannot turn back into an older one that names these files. With `keep` they are set
   * aside instead: the manifest is not certain.
   */
  async open(flush: () => void, keep = false): Promise<void> {
    await makeFolder(this.#dataDir, this.#folder)
    const latest = this.#manifest.latest()
    // Where nothing but rollups is left, their last bucket may hold anything up to its end.
    for (const { project } of latest) this.#latest.set(project, Number.POSITIVE_INFINITY)
    for (const { project, table, maxTimeMs } of latest) {
      if (!isRolledUpTable(table)) continue
      const before = this.#latest.get(project)!
      this.#latest.set(project, before === Number.POSITIVE_INFINITY ? maxTimeMs : Math.max(before, maxTimeMs))
    }
    for (const record of this.#manifest.list()) {
      const segment = this.#place(record)
      let size: number | undefined
      try {
        size = await fileSize(segment.path)
      } catch (error) {
        // Its first use will tell.
        this.#log('warn', 'a segment could not be looked at', { file: record.file, error: messageOf(error) })
        continue
      }
      if (size === record.bytes) continue
      await this.#setAside(segment, size === undefined ? 'the file is missing' : `${size} bytes, not ${record.bytes}`)
    }
    const left = (await filesBelow(this.#folder)).filter((file) => !this.#segments.has(file))
    if (left.length === 0) return
    try {
      flush()
      for (const file of left) {
        if (keep) {
          await this.#moveAside(file)
          this.#log('warn', 'a file that the salvaged manifest does not name is kept in damaged/', { file })
        } else {
          await rm(join(this.#folder, file), { force: true })
          this.#log('info', 'removed a file that a crash left behind', { file })
        }
      }
    } catch (error) {
      this.#log('warn', 'files that a crash left behind stay until the next start', { error: messageOf(error) })
    }
  }

  pathOf(file: string): string {
    return join(this.#folder, file)
  }

  get root(): string {
    return this.#folder
  }

  /** Takes in segments that have just been written, read back and entered in the manifest. */
  add(records: readonly SegmentRecord[]): void {
    for (const record of records) this.#place(record).verified = Promise.resolve(true)
  }

  /** Puts segments in the place of others: in one turn, so that a read sees either. */
  replace(added: readonly SegmentRecord[], removed: readonly SegmentRecord[]): void {
    for (const { file } of removed) this.#segments.delete(file)
    this.add(added)
  }

  /** Takes over what the manifest says, in one turn, and returns the segments that it does not name any more. */
  follow(records: readonly SegmentRecord[]): Segment[] {
    const named = new Set(records.map(({ file }) => file))
    const gone = [...this.#segments.values()].filter(({ file }) => !named.has(file))
    for (const { file } of gone) this.#segments.delete(file)
    for (const record of records) {
      const held = this.#segments.get(record.file)
      if (held !== undefined) Object.assign(held, { rolledUp: record.rolledUp, dropped: record.dropped })
      else if (!this.#aside.has(record.file)) this.#place(record)
    }
    return gone
  }

  markRolledUp(segments: readonly Segment[]): void {
    for (const segment of segments) segment.rolledUp = 1
  }

  /** No sealed sample, raw or in a rollup, is later than this. */
  latestMs(project: ProjectId): number {
    return this.#latest.get(project) ?? Number.NEGATIVE_INFINITY
  }

  all(): Iterable<Segment> {
    return this.#segments.values()
  }

  /** Segments that may hold rows of the range. */
  select({ project, table, startMs, endMs, minSeries, maxSeries, onlyNotRolledUp }: SegmentRange): Segment[] {
    const found: Segment[] = []
    for (const segment of this.#segments.values()) {
      if (segment.project !== project || segment.table !== table) continue
      if (segment.minTimeMs >= endMs || segment.maxTimeMs < startMs) continue
      if (onlyNotRolledUp && segment.rolledUp === 1) continue
      if (minSeries !== undefined && segment.maxSeries < minSeries) continue
      if (maxSeries !== undefined && segment.minSeries > maxSeries) continue
      found.push(segment)
    }
    return found
  }

  /** Those whose checksum holds; the others are set aside. Throws where a file cannot be read now. */
  async sound(segments: readonly Segment[]): Promise<Segment[]> {
    const sound: Segment[] = []
    for (const segment of segments) {
      segment.verified ??= this.#verify(segment)
      if (await segment.verified) sound.push(segment)
    }
    return sound
  }

  /** Why the file cannot be read now; undefined where it can, or where it is gone. */
  async readError({ path }: Segment): Promise<unknown> {
    try {
      await crc32OfFile(path)
      return undefined
    } catch (error) {
      return isMissing(error) ? undefined : error
    }
  }

  /** Checks all of them again, whatever was found before; returns what failed. */
  async verify(): Promise<{ segments: number; failures: { what: string; reason: string }[] }> {
    const failures: { what: string; reason: string }[] = []
    const segments = [...this.#segments.values()]
    for (const segment of segments) {
      if (this.#segments.get(segment.file) !== segment) continue
      const fail = (reason: string) => failures.push({ what: `segment ${segment.file}`, reason })
      segment.verified = this.#verify(segment, fail)
      await segment.verified.catch((error: unknown) => fail(messageOf(error)))
    }
    return { segments: segments.length, failures }
  }

  /** By table; tables without segments are left out. */
  totals(): Map<TableName, SegmentTotals> {
    const totals = new Map<TableName, SegmentTotals>()
    for (const { table, bytes, rows } of this.#segments.values()) {
      const before = totals.get(table) ?? { segments: 0, bytes: 0, rows: 0 }
      totals.set(table, {
        segments: before.segments + 1,
        bytes: before.bytes + bytes,
        rows: before.rows + rows,
      })
    }
    return totals
  }

  #place(record: SegmentRecord): Segment {
    const segment: Segment = { ...record, path: this.pathOf(record.file) }
    this.#segments.set(record.file, segment)
    if (isRolledUpTable(record.table)) {
      this.#latest.set(record.project, Math.max(this.latestMs(record.project), record.maxTimeMs))
    }
    return segment
  }

  async #verify(segment: Segment, onFailure: (reason: string) => void = () => {}): Promise<boolean> {
    let reason: string
    try {
      const { crc32, bytes } = await crc32OfFile(segment.path)
      if (crc32 === segment.crc32 && bytes === segment.bytes) return true
      reason = bytes === segment.bytes ? 'the checksum does not match' : `${bytes} bytes, not ${segment.bytes}`
    } catch (error) {
      if (!isMissing(error)) {
        // Too many open files, a disk that is away: this says nothing of the rows, and the next use asks again.
        segment.verified = undefined
        throw storageError(error, `read the segment ${segment.file}`)
      }
      reason = 'the file is missing'
    }
    onFailure(reason)
    await this.#setAside(segment, reason)
    return false
  }

  async #moveAside(file: string): Promise<void> {
    await makeFolder(this.#dataDir, this.#damagedFolder)
    await rename(this.pathOf(file), join(this.#damagedFolder, file.replaceAll('/', '-')))
    await syncFolder(this.#damagedFolder)
  }

  async #setAside(segment: Segment, reason: string): Promise<void> {
    // Something else has taken its place meanwhile.
    if (this.#segments.get(segment.file) !== segment) return
    this.#segments.delete(segment.file)
    this.#aside.add(segment.file)
    this.#damaged++
    const fields = { file: segment.file, reason, rows: segment.rows, table: segment.table, project: segment.project }
    this.#log('error', 'a segment is damaged and has been set aside; its rows are missing from answers', fields)
    try {
      this.#manifest.markDamaged(segment.file, reason)
      await this.#moveAside(segment.file)
    } catch (error) {
      this.#log('warn', 'a damaged segment could not be moved away', { ...fields, error: messageOf(error) })
    }
  }
}
