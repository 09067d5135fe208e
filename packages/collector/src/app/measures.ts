/** What the collector measures of itself, by the names under which `/metrics` shows it. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { StoreStats } from '../store/store.js'
import { type Measured, Telemetry } from '../telemetry.js'
import type { Measures } from './ports.js'

const loopResolutionMs = 10
const maxDropReasons = 100

/** Read each time `/metrics` is asked for. */
export interface MeasureSources {
  version: string
  storeStats(): Promise<StoreStats>
  series(): { known: number; folded: number }
  streams(): {
    clients: number
    subscriptions: number
    framesSent: number
    bytesSent: number
    coalesced: number
    closedSlow: number
  }
  /** Batches that wait for their acknowledgement. */
  waiting(): number
  cache(): { hits: number; shared: number; misses: number; entries: number; bytes: number }
}

/** What ingest counts. */
export interface IngestMeasures {
  batch(outcome: string): void
  rows(signal: string, count: number): void
  rejected(reason: string, count: number): void
  senderDropped(reason: string, count: number): void
  bytes(count: number): void
  folded(count: number): void
  /** Time from a batch that is ready to its acknowledgement. */
  acknowledged(seconds: number): void
}

export interface CollectorMeasures extends Measures {
  ingest: IngestMeasures
  /** Everything as values; what counts since the last call counts since the last one of this. */
  measured(): Promise<Measured[]>
  close(): void
}

export function createMeasures(sources: MeasureSources): CollectorMeasures {
  const telemetry = new Telemetry()
  const ingest = ingestMeasures(telemetry)
  telemetry.reading('telltale_ingest_waiting', 'gauge', 'Batches that wait for their acknowledgement.', () =>
    sources.waiting(),
  )
  const querySeconds = telemetry.histogram('telltale_query_seconds', 'Time that queries took, by kind.')
  const httpSeconds = telemetry.histogram('telltale_http_request_seconds', 'Time to answer, by route and status class.')
  const stats = storeReadings(telemetry, sources)
  cacheReadings(telemetry, sources)
  streamReadings(telemetry, sources)
  const loopDelay = processReadings(telemetry, sources.version)
  return {
    ingest,
    querySeconds: (kind, seconds) => querySeconds.observe(seconds, { kind }),
    httpResponse: (route, status, seconds) =>
      httpSeconds.observe(seconds, { route, status: `${Math.floor(status / 100)}xx` }),
    async metricsText() {
      await stats.refresh()
      const text = telemetry.text()
      // The delays of the next scrape are those since this one.
      loopDelay.reset('scrape')
      return text
    },
    async measured() {
      await stats.refresh()
      const measured = telemetry.measured()
      loopDelay.reset('self')
      return measured
    },
    close: () => loopDelay.disable(),
  }
}

function ingestMeasures(telemetry: Telemetry): IngestMeasures {
  const samples = telemetry.counter('telltale_ingest_samples_total', 'Samples and histogram rows stored.')
  const rows = telemetry.counter('telltale_ingest_rows_total', 'Rows stored, by table; derived ones included.')
  const rejected = telemetry.counter('telltale_ingest_rejected_total', 'Rows refused, by reason.')
  const batches = telemetry.counter('telltale_ingest_batches_total', 'Batches, by outcome.')
  const dropped = telemetry.counter('telltale_sender_dropped_total', 'Calls that senders report as dropped, by reason.')
  const bytes = telemetry.counter('telltale_ingest_bytes_total', 'Bytes of stored batches, after inflating.')
  const ackSeconds = telemetry.histogram(
    'telltale_ingest_ack_seconds',
    'Time from a batch that is ready to its acknowledgement, which comes once it is on disk.',
  )
  const dropReasons = new Set<string>()
  const folded = telemetry.counter(
    'telltale_ingest_folded_rows_total',
    'Rows stored in a series with telltale.overflow=true, because their own found no room under its limits.',
  )
  samples.add(0)
  folded.add(0)
  bytes.add(0)
  // The one that a sender with a wrong clock meets first; the others come when they do.
  rejected.add(0, { reason: 'too_late' })
  for (const outcome of ['stored', 'duplicate', 'refused', 'failed']) batches.add(0, { outcome })
  return {
    batch: (outcome) => batches.add(1, { outcome }),
    rows(signal, count) {
      rows.add(count, { signal })
      if (signal === 'sample' || signal === 'histogram') samples.add(count)
    },
    rejected: (reason, count) => rejected.add(count, { reason }),
    senderDropped(reason, count) {
      // Senders choose these words: past a bound they share one, so that nobody can grow our memory.
      if (dropReasons.size < maxDropReasons) dropReasons.add(reason.slice(0, 64))
      dropped.add(count, { reason: dropReasons.has(reason) ? reason : 'other' })
    },
    bytes: (count) => bytes.add(count),
    folded: (count) => folded.add(count),
    acknowledged: (seconds) => ackSeconds.observe(seconds),
  }
}

function storeReadings(telemetry: Telemetry, sources: MeasureSources): { refresh(): Promise<void> } {
  let last: StoreStats | undefined
  const show = (name: string, type: 'counter' | 'gauge', help: string, pick: (stats: StoreStats) => number) =>
    telemetry.reading(`telltale_${name}`, type, help, () => (last ? pick(last) : []))
  show('journal_bytes', 'gauge', 'Bytes of batches that are not sealed yet.', (s) => s.journalBytes)
  show('journal_batches', 'gauge', 'Batches that are not sealed yet.', (s) => s.journalBatches)
  show('hot_rows', 'gauge', 'Rows in memory.', (s) => s.hotRows)
  show('segments', 'gauge', 'Segment files.', (s) => s.segments)
  show('segment_bytes', 'gauge', 'Bytes of segment files.', (s) => s.segmentBytes)
  show('segment_rows', 'gauge', 'Rows in segment files.', (s) => s.segmentRows)
  show(
    'segments_damaged',
    'gauge',
    'Segment files that failed their checksum and were set aside.',
    (s) => s.damagedSegments,
  )
  show(
    'journal_entries_damaged',
    'gauge',
    'Journal entries that were set aside because they could not be replayed.',
    (s) => s.damagedEntries ?? 0,
  )
  show('disk_full', 'gauge', '1 while batches are refused because the disk is full.', (s) => (s.diskFull ? 1 : 0))
  show('seals_total', 'counter', 'Times that hot rows were moved into segments.', (s) => s.sealsTotal)
  show('seal_seconds_total', 'counter', 'Time spent on that.', (s) => s.sealSecondsTotal)
  show('compactions_total', 'counter', 'Merges of segments.', (s) => s.compactionsTotal ?? 0)
  show('compaction_seconds_total', 'counter', 'Time spent on that.', (s) => s.compactionSecondsTotal ?? 0)
  show(
    'retention_rewrites_total',
    'counter',
    'Segment files written anew without series that are kept for a shorter time than others.',
    (s) => s.retentionRewritesTotal ?? 0,
  )
  show('retention_files_total', 'counter', 'Segment files removed by age.', (s) => s.retentionFilesTotal ?? 0)
  const byTable = (name: string, help: string, pick: (of: { segments: number; bytes: number }) => number) =>
    telemetry.reading(`telltale_${name}`, 'gauge', help, () =>
      (last?.tables ?? []).map((of) => ({ labels: { table: of.table }, value: pick(of) })),
    )
  byTable('table_segments', 'Segment files by table; rollups are tables of their own.', (of) => of.segments)
  byTable('table_segment_bytes', 'Bytes of segment files by table.', (of) => of.bytes)
  telemetry.reading('telltale_series', 'gauge', 'Series known, over all projects.', () => sources.series().known)
  telemetry.reading(
    'telltale_series_folded_total',
    'counter',
    'Times that a series found no room under its limits.',
    () => sources.series().folded,
  )
  return {
    async refresh() {
      // Storage that does not answer must not hide everything else.
      last = await sources.storeStats().catch(() => last)
    },
  }
}

function cacheReadings(telemetry: Telemetry, { cache }: MeasureSources): void {
  telemetry.reading(
    'telltale_query_cache_total',
    'counter',
    'Metric queries: answered from the cache, together with an equal one that was under way, or executed.',
    () => {
      const { hits, shared, misses } = cache()
      return [
        { labels: { outcome: 'hit' }, value: hits },
        { labels: { outcome: 'shared' }, value: shared },
        { labels: { outcome: 'miss' }, value: misses },
      ]
    },
  )
  telemetry.reading('telltale_query_cache_entries', 'gauge', 'Answers that are kept.', () => cache().entries)
  telemetry.reading('telltale_query_cache_bytes', 'gauge', 'Memory that they take.', () => cache().bytes)
}

function streamReadings(telemetry: Telemetry, { streams }: MeasureSources): void {
  telemetry.reading('telltale_stream_clients', 'gauge', 'WebSockets open.', () => streams().clients)
  telemetry.reading('telltale_stream_subscriptions', 'gauge', 'Subscriptions open.', () => streams().subscriptions)
  telemetry.reading('telltale_stream_frames_total', 'counter', 'Frames sent.', () => streams().framesSent)
  telemetry.reading('telltale_stream_bytes_total', 'counter', 'Bytes sent in frames.', () => streams().bytesSent)
  telemetry.reading(
    'telltale_stream_coalesced_total',
    'counter',
    'Updates that were merged because a client was slow.',
    () => streams().coalesced,
  )
  telemetry.reading(
    'telltale_stream_closed_slow_total',
    'counter',
    'WebSockets closed because the client was too slow.',
    () => streams().closedSlow,
  )
}

/** One for each of those who ask, so that neither takes the other's time away. */
interface LoopDelay {
  reset(by: 'scrape' | 'self'): void
  disable(): void
}

function processReadings(telemetry: Telemetry, version: string): LoopDelay {
  const delays = { scrape: loopDelay(), self: loopDelay() }
  const startSeconds = Date.now() / 1000 - process.uptime()
  telemetry.reading('telltale_build_info', 'gauge', 'Version of the collector and of Node.', () => [
    { labels: { version, node: process.versions.node }, value: 1 },
  ])
  telemetry.reading(
    'telltale_event_loop_delay_seconds',
    'gauge',
    'Delay of the main thread since the last scrape.',
    (by) =>
      [50, 99, 100].map((percentile) => ({
        labels: { quantile: String(percentile / 100) },
        // Node measures the time between two ticks of its timer; what goes beyond the timer's own interval is delay.
        value: Math.max(
          0,
          (percentile === 100 ? delays[by].max : delays[by].percentile(percentile)) / 1e9 - loopResolutionMs / 1e3,
        ),
      })),
  )
  telemetry.reading('process_cpu_seconds_total', 'counter', 'CPU time of all threads.', () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  })
  telemetry.reading('process_resident_memory_bytes', 'gauge', 'Resident memory.', () => process.memoryUsage.rss())
  telemetry.reading('process_start_time_seconds', 'gauge', 'Start, Unix seconds.', () => startSeconds)
  return {
    reset: (by) => delays[by].reset(),
    disable: () => {
      for (const delay of Object.values(delays)) delay.disable()
    },
  }
}

function loopDelay() {
  const delay = monitorEventLoopDelay({ resolution: loopResolutionMs })
  delay.enable()
  return delay
}
