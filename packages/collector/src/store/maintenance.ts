/**
 * Runs what keeps the segments in order, a small step at a time and never two at once: retention, then rollups of old
 * segments, then compaction. It holds back while rows are being sealed.
 */
import { rm } from 'node:fs/promises'
import type { DuckDBConnection } from '@duckdb/node-api'
import { type Journal, messageOf, type Probe, storageError } from '../journal/index.js'
import type { ProjectId, SeriesId } from '../model.js'
import { Compaction } from './compaction.js'
import type { Duck } from './duck.js'
import type { ManifestFollower } from './manifest-follower.js'
import type { ResolvedOptions } from './options.js'
import { shuttingDown } from './read-pool.js'
import { Retention } from './retention.js'
import { RetentionPolicy } from './retention-policy.js'
import { Backfill } from './rollup/backfill.js'
import type { RollupBuilder } from './rollup/build.js'
import { SegmentWriter } from './segment-writer.js'
import type { Segment, Segments } from './segments.js'
import type { Snapshots } from './snapshots.js'

export interface MaintenanceParts {
  duck: Duck
  connection: DuckDBConnection
  segments: Segments
  journal: Journal
  snapshots: Snapshots
  follower: ManifestFollower
  rollups: RollupBuilder
  options: ResolvedOptions
  probe: Probe
  isSealing: () => boolean
  /** Nothing is written while the disk is full; what retention removes makes room. */
  isFull: () => boolean
}

const TICK_MS = 10_000
const FIRST_RETRY_MS = 30_000
const LAST_RETRY_MS = 30 * 60_000

export class Maintenance {
  readonly #parts: MaintenanceParts
  readonly #backfill: Backfill
  readonly compaction: Compaction
  readonly retention: Retention
  readonly policy: RetentionPolicy
  readonly #unlinks = new Set<Promise<void>>()
  #running: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #retryMs = FIRST_RETRY_MS
  #notBeforeMs = 0
  #closed = false

  constructor(parts: MaintenanceParts) {
    this.#parts = parts
    const { duck, connection, segments, journal, rollups, options, probe } = parts
    const unlink = (files: readonly Segment[]) => this.retire(files)
    const merges = new SegmentWriter(duck, connection, segments, probe, 'compact')
    const { compactionBytes: maxBytes, compactionQuietMs: quietMs } = options
    const { log } = options
    this.compaction = new Compaction({ segments, journal, writer: merges, probe, maxBytes, quietMs, unlink, log })
    let known = { last: -1, metrics: new Map<ProjectId, Map<string, SeriesId[]>>() }
    this.policy = new RetentionPolicy(options.retention, options.retentionRules, (project) => {
      const { last } = journal.series
      if (known.last !== last) known = { last, metrics: new Map() }
      const metrics = known.metrics.get(project) ?? journal.series.byMetric(project)
      known.metrics.set(project, metrics)
      return { count: last, metrics }
    })
    const rewrites = new SegmentWriter(duck, connection, segments, probe, 'retention')
    const { policy } = this
    this.retention = new Retention({ segments, journal, policy, duck, writer: rewrites, probe, unlink })
    const builds = new SegmentWriter(duck, connection, segments, probe, 'rollup')
    this.#backfill = new Backfill({ segments, journal, writer: builds, rollups, probe })
  }

  start(): void {
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref()
  }

  /** Does all that can be done now, closed partitions that are not quiet yet included. */
  async run(): Promise<void> {
    while (this.#running !== undefined) await this.#running.catch(() => {})
    if (this.#closed) throw shuttingDown()
    await this.#start(true)
    await Promise.all(this.#unlinks)
  }

  /** Stops a step that is under way: what it has not committed is as if it had not begun. */
  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#timer)
    while (this.#running !== undefined) {
      this.#parts.connection.interrupt()
      await Promise.race([this.#running.catch(() => {}), new Promise((resolve) => setTimeout(resolve, 20))])
    }
    await Promise.all(this.#unlinks)
  }

  #tick(): void {
    if (this.#running !== undefined || Date.now() < this.#notBeforeMs) return
    this.#start(false).catch((error: unknown) => {
      this.#notBeforeMs = Date.now() + this.#retryMs
      this.#retryMs = Math.min(LAST_RETRY_MS, this.#retryMs * 2)
      if (this.#closed) return
      this.#parts.options.log('warn', 'keeping segments in order failed; it will be tried again', {
        error: messageOf(error),
      })
    })
  }

  #start(settled: boolean): Promise<void> {
    this.#running = this.#steps(settled).finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #steps(settled: boolean): Promise<void> {
    const { isSealing } = this.#parts
    try {
      while (!this.#closed && (settled || !isSealing()) && (await this.#step(settled))) {
        await new Promise((resolve) => setImmediate(resolve))
      }
      this.#retryMs = FIRST_RETRY_MS
    } catch (error) {
      this.#parts.follower.doubt()
      if (this.#closed) throw shuttingDown()
      throw storageError(error, 'keep the segments in order')
    }
  }

  async #step(settled: boolean): Promise<boolean> {
    this.#parts.follower.settle()
    const nowMs = Date.now()
    const isFull = this.#parts.isFull()
    if (await this.retention.step(nowMs, isFull)) return true
    if (isFull) return false
    if (await this.#backfill.step()) return true
    return this.compaction.step(nowMs, settled)
  }

  /** Unlinks the files once no read that began before sees them. A file that stays is removed at the next start. */
  retire(files: readonly Segment[]): void {
    const { journal, snapshots, options, probe } = this.#parts
    // A manifest that may yet turn back into the one before would name them.
    if (!journal.isCertain) return
    const remove = async (path: string) => {
      probe('unlink')
      await rm(path, { force: true })
    }
    snapshots.retire(() => {
      for (const { path } of files) {
        const unlink = remove(path)
          .catch((error: unknown) => {
            options.log('warn', 'could not remove a file that is no longer used', { path, error: messageOf(error) })
          })
          .finally(() => this.#unlinks.delete(unlink))
        this.#unlinks.add(unlink)
      }
    })
  }
}
