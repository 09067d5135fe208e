/**
 * The built-in store: journal, hot rows, segments and DuckDB behind the store port, in the thread that it runs in.
 * `createStore` puts it into a thread of its own.
 *
 *   append ─► group commit ─► journal (fsync) ─► hot rows ─► resolved
 *   reads  ─► flush what is pending ─► view (row limits + segments, one `asOf`) ─► DuckDB
 *   seal   ─► close the generation ─► Parquet and rollups ─► manifest ─► swap ─► drop
 *   maintain ─► retention, rollups of old segments, merges: files ─► manifest ─► swap ─► unlink
 */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { TelltaleError } from '../errors.js'
import {
  isDamage,
  lockFolder,
  messageOf,
  openJournal,
  type Probe,
  type RawTableName,
  storageError,
} from '../journal/index.js'
import type { NumberedBatch, ProjectId, TaskRow } from '../model.js'
import { aggregate, emptyPartials, fitsMemory, gridOf, seriesRange } from './aggregate.js'
import { syncFolder } from './disk.js'
import { Duck } from './duck.js'
import { eventsTrend } from './events-trend.js'
import { FullDisk } from './full-disk.js'
import { GroupCommit } from './group-commit.js'
import { HotRows } from './hot.js'
import { Maintenance } from './maintenance.js'
import { ManifestFollower } from './manifest-follower.js'
import { type ResolvedOptions, resolveOptions, type StoreOptions } from './options.js'
import { type HotSource, type Planner, RangeView, type ReadRange, type Slice, wholeMs } from './range-view.js'
import { type Pause, type ReadLimits, ReadPool } from './read-pool.js'
import { replayJournal } from './replay.js'
import { RollupBuilder } from './rollup/build.js'
import { type AggregatePlan, planAggregate } from './rollup/plan.js'
import { SealLoop } from './seal-loop.js'
import { Sealer } from './sealer.js'
import { SegmentWriter } from './segment-writer.js'
import { Segments } from './segments.js'
import { SeriesKinds } from './series-kinds.js'
import { SeriesMetrics } from './series-metrics.js'
import { Snapshots } from './snapshots.js'
import { type StatsSources, statsOf } from './stats.js'
import type {
  AggregateRequest,
  Appended,
  EventsTrend,
  EventsTrendRequest,
  OpenedStore,
  Partials,
  Replay,
  RetentionRule,
  Store,
  StoreStats,
  TasksPage,
  TasksRequest,
  VerifyReport,
} from './store.js'
import { task, tasks } from './tasks.js'
import { WarmSegments } from './warm/warm-segments.js'

export interface EngineOptions extends StoreOptions {
  /** For tests: called at named steps, where it may throw or look at the disk. */
  probe?: Probe
}

export function createEngine(options: EngineOptions): Store {
  return new Engine(resolveOptions(options), options.probe ?? (() => {}))
}

const TASK_LOOKUP_TIMEOUT_MS = 30_000
const PRUNE_STREAMS_MS = 3_600_000

/** What exists once the store is open. */
interface Parts extends StatsSources {
  duck: Duck
  kinds: SeriesKinds
  metrics: SeriesMetrics
  warm: WarmSegments
  reads: ReadPool
  commits: GroupCommit
  /** Lets go of files, connections and the folder; nothing may be under way. */
  release: () => void
}

class Engine implements Store {
  readonly #options: ResolvedOptions
  readonly #probe: Probe
  readonly #snapshots = new Snapshots()
  #parts: Parts | undefined
  #state: 'new' | 'opening' | 'open' | 'closed' = 'new'

  constructor(options: ResolvedOptions, probe: Probe) {
    this.#options = options
    this.#probe = probe
  }

  async open(replay: Replay): Promise<OpenedStore> {
    if (this.#state !== 'new') throw new TelltaleError('internal', 'A store is opened once.')
    this.#state = 'opening'
    try {
      const { parts, opened } = await this.#openParts(replay)
      this.#parts = parts
      this.#state = 'open'
      return opened
    } catch (error) {
      this.#state = 'closed'
      throw storageError(error, `open the data folder ${this.#options.dataDir}`)
    }
  }

  async append(batch: NumberedBatch): Promise<Appended> {
    const { hot, commits, fullDisk } = this.#opened()
    fullDisk.requireRoom()
    // Sealing has been failing for long: what is durable stays so, but memory must not grow without end.
    if (hot.rows > 4 * this.#options.sealRows) {
      throw new TelltaleError('overloaded', 'Too many rows wait to be sealed. Send the batch again in a moment.', {
        retryAfterSeconds: 10,
      })
    }
    return commits.push(batch)
  }

  async aggregate(request: AggregateRequest, signal?: AbortSignal): Promise<Partials> {
    const { hot, duck, metrics, warm } = this.#opened()
    const grid = gridOf(request)
    const { startMs, endMs } = grid
    if (request.series.length === 0 || endMs <= startMs) return emptyPartials(hot.addedSeq)
    const { min, max } = seriesRange(request.series)
    const metric = metrics.common(request.series)?.code
    const range = { project: request.project, startMs, endMs, minSeries: min, maxSeries: max, metric }
    const limits = { timeoutMs: request.timeoutMs, signal }
    let plan: AggregatePlan = { points: [], sketch: [] }
    const planner = (latestMs: number) => {
      plan = planAggregate(request, grid, latestMs)
      return [...plan.points, ...plan.sketch]
    }
    const names = ['samples', 'hist', 'sketch'] as const
    const source = fitsMemory(request, grid) ? { memory: names } : { duck: names }
    return this.#read(limits, range, source, planner, (connection, view, pause) =>
      aggregate({ duck, connection, warm, pause }, request, view, plan),
    )
  }

  async tasks(request: TasksRequest, signal?: AbortSignal): Promise<TasksPage> {
    const limits = { timeoutMs: request.timeoutMs, signal }
    return this.#readTable(limits, wholeMs(request), 'tasks', (connection, rowsOf) =>
      tasks(connection, request, rowsOf),
    )
  }

  async task(project: ProjectId, id: string): Promise<TaskRow | null> {
    const range = { project, startMs: Number.MIN_SAFE_INTEGER, endMs: Number.MAX_SAFE_INTEGER }
    return this.#readTable({ timeoutMs: TASK_LOOKUP_TIMEOUT_MS }, range, 'tasks', (connection, rowsOf) =>
      task(connection, id, rowsOf),
    )
  }

  async eventsTrend(request: EventsTrendRequest, signal?: AbortSignal): Promise<EventsTrend> {
    const { duck } = this.#opened()
    const limits = { timeoutMs: request.timeoutMs, signal }
    return this.#readTable(limits, wholeMs(request), 'events', (connection, rowsOf) =>
      eventsTrend(duck, connection, request, rowsOf),
    )
  }

  async stats(): Promise<StoreStats> {
    return statsOf(this.#opened())
  }

  async seal(): Promise<void> {
    await this.#opened().seals.seal()
  }

  async maintain(): Promise<void> {
    await this.#opened().maintenance.run()
  }

  async retain(rules: readonly RetentionRule[]): Promise<void> {
    this.#opened().maintenance.policy.rules = rules
  }

  async verify(): Promise<VerifyReport> {
    const { segments, journal } = this.#opened()
    const leave = this.#snapshots.enter()
    const checked = await segments.verify().finally(leave)
    const { entries, failures: ofJournal } = journal.verify()
    const failures = ofJournal.map(({ seq, reason }) => ({ what: `journal entry ${seq}`, reason }))
    return { segments: checked.segments, journalEntries: entries, failures: [...checked.failures, ...failures] }
  }

  async close(): Promise<void> {
    const parts = this.#parts
    this.#parts = undefined
    this.#state = 'closed'
    if (parts === undefined) return
    parts.commits.drain()
    await parts.fullDisk.close()
    await parts.reads.close()
    await parts.maintenance.close()
    await parts.seals.close()
    await parts.hot.close()
    parts.release()
  }

  #opened(): Parts {
    if (this.#parts !== undefined) return this.#parts
    if (this.#state === 'closed') {
      throw new TelltaleError('shutting_down', 'The store is closed. Try again in a moment.', { retryAfterSeconds: 2 })
    }
    throw new TelltaleError('not_ready', 'The store is still opening. Try again in a moment.', { retryAfterSeconds: 2 })
  }

  /** One view of hot rows and segments for everything that `read` does; nothing that it names goes away meanwhile. */
  async #read<T>(
    limits: ReadLimits,
    range: ReadRange,
    source: HotSource,
    planner: Planner,
    read: (connection: DuckDBConnection, view: RangeView, pause: Pause) => Promise<T>,
  ): Promise<T> {
    const { hot, segments, reads } = this.#opened()
    try {
      return await reads.run(limits, async (connection, pause) => {
        if ('duck' in source) await hot.flush()
        const leave = this.#snapshots.enter()
        try {
          return await read(connection, await RangeView.take(hot, segments, range, source, planner), pause)
        } finally {
          leave()
        }
      })
    } catch (error) {
      if (error instanceof TelltaleError && error.code === 'internal') this.#reportReadFailure(error)
      throw error
    }
  }

  #reportReadFailure({ cause }: TelltaleError): void {
    const reason = messageOf(cause)
    this.#options.log('error', 'a query failed', { error: reason })
    // After such an error DuckDB refuses everything; what is durable comes back with a restart.
    if (/database has been invalidated/i.test(reason)) this.#fatal(cause)
  }

  /** A view of a table that has no rollups, as SELECTs of columns. */
  async #readTable<T>(
    limits: ReadLimits,
    range: ReadRange,
    name: RawTableName,
    read: (connection: DuckDBConnection, rowsOf: (columns: string) => string[]) => Promise<T>,
  ): Promise<T> {
    const { startMs, endMs } = range
    const slices: Slice[] = [{ table: name, startMs, endMs, onlyNotRolledUp: false }]
    return this.#read(
      limits,
      range,
      { duck: [name] },
      () => slices,
      (connection, view) =>
        read(connection, (columns) => [...view.hot(name, columns), ...view.sealed(slices, columns)]),
    )
  }

  async #openParts(replay: Replay): Promise<{ parts: Parts; opened: OpenedStore }> {
    const { dataDir, log, reserveBytes, maxJournalBytes: maxBytes } = this.#options
    await mkdir(dataDir, { recursive: true, mode: 0o700 })
    // In reverse order, when the store is closed or could not be opened.
    const releases: (() => void)[] = []
    const release = () => {
      for (const one of releases.splice(0).reverse()) one()
    }
    const held = <T>(resource: T, letGo: (resource: T) => void): T => {
      releases.push(() => letGo(resource))
      return resource
    }
    try {
      held(lockFolder(dataDir), (lock) => lock.release())
      await FullDisk.beforeOpen(dataDir)
      await rm(join(dataDir, 'tmp'), { recursive: true, force: true })
      const file = join(dataDir, 'journal.db')
      const onSetAside = (seq: number, reason: string) =>
        log('error', 'a journal entry has been set aside; its rows are missing from answers', { seq, reason })
      const journal = held(openJournal({ file, maxBytes, probe: this.#probe, onSetAside, log }), (j) => j.close())
      await syncFolder(dataDir)
      journal.pruneStreams(Date.now())
      const segments = new Segments(dataDir, journal.manifest, log)
      await segments.open(() => journal.shrink(), journal.keepsFiles)
      if (journal.keepsFiles) journal.filesKept()
      const duck = held(await Duck.open(this.#options), (d) => d.close())
      const writer = held(await duck.connect(), (c) => c.closeSync())
      const sealing = held(await duck.connect(), (c) => c.closeSync())
      const hot = new HotRows(duck, writer, journal.sealedSeq)
      const kinds = new SeriesKinds()
      const metrics = new SeriesMetrics()
      const warm = new WarmSegments({ maxBytes: this.#options.warmBytes, metrics })
      const sealWriter = new SegmentWriter(duck, sealing, segments, this.#probe, 'seal')
      const sealer = new Sealer({
        connection: sealing,
        journal,
        writer: sealWriter,
        kinds,
        metrics,
        probe: this.#probe,
      })
      const follower = new ManifestFollower({
        ...{ journal, hot, segments },
        onSealed: (generation) => seals.retire(generation),
        unlink: (files) => maintenance.retire(files),
      })
      const seals = new SealLoop({
        ...{ sealer, hot, segments, journal, follower, snapshots: this.#snapshots, options: this.#options },
        onFull: (reason) => fullDisk.enter(reason),
      })
      const fullDisk = new FullDisk({
        ...{ dataDir, reserveBytes, log },
        async makeRoom() {
          await seals.seal()
          await seals.trimmed()
          journal.shrink()
        },
      })
      const maintaining = held(await duck.connect(), (c) => c.closeSync())
      const maintenance = new Maintenance({
        ...{ duck, connection: maintaining, segments, journal, follower, snapshots: this.#snapshots },
        rollups: new RollupBuilder(duck, maintaining, () => kinds.histograms()),
        options: this.#options,
        probe: this.#probe,
        isSealing: () => seals.isRunning,
        isFull: () => fullDisk.isFull,
      })
      const opened: OpenedStore = { ...journal.series.load(), seq: journal.seq }
      kinds.learn(opened.series)
      metrics.learn(opened.series)
      try {
        await replayJournal({ journal, hot, replay, dataDir, known: opened, log })
      } catch (error) {
        await hot.close()
        throw error
      }
      const { groupCommitMs, groupCommitBytes, maxReads, maxQueuedReads } = this.#options
      const commits = new GroupCommit({
        commit: (batches) => {
          try {
            return journal.commit(batches)
          } catch (error) {
            if (error instanceof TelltaleError && error.code === 'storage_full') fullDisk.enter(messageOf(error.cause))
            // The next start knows what to do in either case.
            if (journal.isAhead || isDamage((error as Error).cause)) this.#fatal(error)
            throw error
          }
        },
        onDurable: (batch, appended) => this.#onDurable(batch, appended),
        maxWaitMs: groupCommitMs,
        maxWaitBytes: groupCommitBytes,
      })
      const reads = new ReadPool(duck, { maxReads, maxQueuedReads })
      held(setInterval(() => journal.pruneStreams(Date.now()), PRUNE_STREAMS_MS).unref(), clearInterval)
      seals.start()
      maintenance.start()
      await fullDisk.start()
      const parts = {
        ...{ journal, duck, hot, segments, kinds, metrics, warm, reads, commits, seals, maintenance, fullDisk },
        release,
      }
      return { parts, opened }
    } catch (error) {
      release()
      throw error
    }
  }

  /** The batch is on the disk: its rows become visible, before its sender hears of it. */
  #onDurable({ project, columns, payload, newSeries }: NumberedBatch, { seq, duplicate }: Appended): void {
    if (duplicate || this.#parts === undefined) return
    const { hot, kinds, metrics, seals } = this.#parts
    try {
      kinds.learn(newSeries)
      metrics.learn(newSeries)
      if (hot.add(seq, project, columns, payload.length)) {
        hot.flushAhead().catch((error: unknown) => this.#fatal(error))
      }
      seals.poke()
    } catch (error) {
      this.#fatal(error)
    }
  }

  #fatal(error: unknown): void {
    // Work that closing cut short is no failure.
    if (this.#state === 'closed') return
    this.#options.log('error', 'storage failed', { error: messageOf(error) })
    this.#options.onFatal(error instanceof Error ? error : new Error(messageOf(error)))
  }
}
