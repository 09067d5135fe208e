/**
 * One batch's way in: bytes → decoded → admitted → numbered → ready for the journal.
 *
 *   payload ──decodeBatch──► tables ──admission──► columns with series numbers ──► NumberedBatch
 *                              └── task runs ──derive──► built-in metrics ──┘
 *
 * A pure function of (payload, receivedMs, admission settings, definitions, known series): replay depends on that.
 */
import { type DecodedBatch, decodeBatch, SchemaCache, WireError } from '@telltale/protocol'
import { TelltaleError } from '../errors.js'
import type { Columns, MetricDefinition, MetricDefinitions, NumberedBatch, ProjectId, SeriesDef } from '../model.js'
import { type AdmissionSettings, Refusals, timeWindow } from './admission.js'
import { TaskDerivation } from './derive.js'
import { admitHistograms, admitPoints, admitSamples, HistogramSink, SampleSink } from './metric-rows.js'
import { type Numbering, Numberings } from './numbering.js'
import { admitEvents, admitSessions, admitTasks, type RowContext } from './rows.js'
import type { SeriesRegistry } from './series-registry.js'

/** A batch that is ready for the journal, and what the answer and the counters need besides. */
export interface PreparedBatch extends NumberedBatch {
  batchId: Uint8Array
  /** Stored rows, derived ones included, whose series found no room and were folded into one. */
  folded: number
  /** Rows in the payload, accepted or not. */
  rows: number
  /** Calls that the sender had to drop before it sent this batch. */
  senderDrops: { reason: string; count: number }[]
}

const undefinedMetrics: ReadonlyMap<string, MetricDefinition> = new Map()
const noDefinitions: MetricDefinitions = { at: () => undefinedMetrics }

export class Pipeline {
  readonly #definitions: MetricDefinitions
  readonly #registry: SeriesRegistry
  readonly #settings: AdmissionSettings
  readonly #numberings: Numberings
  readonly #isOwn: (stream: Uint8Array) => boolean
  readonly #schemas = new SchemaCache()

  /** `isOwn` tells streams of the collector itself, which alone may send its metrics. */
  constructor(
    registry: SeriesRegistry,
    settings: AdmissionSettings,
    definitions: MetricDefinitions = noDefinitions,
    isOwn: (stream: Uint8Array) => boolean = () => false,
  ) {
    this.#definitions = definitions
    this.#registry = registry
    this.#settings = settings
    this.#isOwn = isOwn
    this.#numberings = new Numberings(registry)
  }

  /** Throws `malformed_batch` for bytes that are not a batch; rows that are refused are in `rejected`. */
  prepare(project: ProjectId, payload: Uint8Array, receivedMs: number): PreparedBatch {
    const batch = this.#decode(payload)
    const definitions = this.#definitions.at(project, receivedMs)
    const numbering = this.#numberings.for(batch.schema, project, definitions, this.#isOwn(batch.streamId))
    const refusals = new Refusals()
    const context: RowContext = {
      strings: batch.strings,
      numbering,
      window: timeWindow(this.#settings, receivedMs),
      refusals,
      batchId: hex(batch.batchId, 8),
    }
    const newSeries: SeriesDef[] = []
    const { columns, accepted, folds } = this.#admit(batch, project, context, newSeries)
    return {
      project,
      receivedMs,
      streamId: batch.streamId,
      sequence: batch.sequence,
      payload,
      newSeries,
      columns,
      accepted,
      rejected: refusals.list(),
      batchId: batch.batchId,
      folded: folds ? this.#foldedRows(columns) : 0,
      rows: rowCount(batch),
      senderDrops: batch.drops.map(({ reason, count }) => ({ reason: batch.strings[reason], count })),
    }
  }

  #decode(payload: Uint8Array): DecodedBatch {
    try {
      return decodeBatch(payload, { schemas: this.#schemas })
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      throw new TelltaleError('malformed_batch', `The body is not a batch that can be read: ${error.message}`, {
        details: { wire_code: error.code, offset: error.offset },
      })
    }
  }

  #admit(
    batch: DecodedBatch,
    project: ProjectId,
    context: RowContext,
    newSeries: SeriesDef[],
  ): { columns: Columns; accepted: number; folds: boolean } {
    const { numbering, window, refusals } = context
    const columns: Columns = {}
    let accepted = 0
    let derivation: TaskDerivation | undefined
    if (batch.tasks) {
      derivation = new TaskDerivation(project, this.#registry, numbering.resourceTags)
      const tasks = admitTasks(batch.tasks, context, derivation)
      accepted += tasks.length
      if (tasks.length > 0) columns.tasks = tasks
    }
    const { samples, points, histograms, events, sessions } = batch
    if (samples || points || derivation) {
      const capacity = (samples?.count ?? 0) + (points?.count ?? 0) + (derivation?.maxSamples ?? 0)
      const sink = new SampleSink(capacity)
      if (samples) accepted += admitSamples(samples, numbering, window, refusals, sink)
      if (points) accepted += admitPoints(points, numbering, window, refusals, sink)
      derivation?.writeSamples(sink)
      assign(columns, 'samples', sink.columns())
    }
    if (histograms || derivation) {
      const sink = new HistogramSink(
        (histograms?.count ?? 0) + (derivation?.maxHistograms ?? 0),
        (histograms?.key.length ?? 0) + (derivation?.maxHistogramEntries ?? 0),
      )
      if (histograms) accepted += admitHistograms(histograms, numbering, window, refusals, sink)
      derivation?.writeHistograms(sink)
      assign(columns, 'histograms', sink.columns())
    }
    if (events) {
      const rows = admitEvents(events, context)
      accepted += rows.length
      if (rows.length > 0) columns.events = rows
    }
    if (sessions) {
      const rows = admitSessions(sessions, context)
      accepted += rows.length
      if (rows.length > 0) columns.sessions = rows
    }
    collect(numbering, derivation, newSeries)
    return { columns, accepted, folds: numbering.folds || derivation?.folds === true }
  }

  /** Called for the few batches that have such series: it costs a look-up a row. */
  #foldedRows({ samples, histograms }: Columns): number {
    let rows = 0
    for (const table of [samples, histograms]) {
      for (const id of table?.series ?? []) if (this.#registry.isOverflow(id)) rows++
    }
    return rows
  }
}

function collect(numbering: Numbering, derivation: TaskDerivation | undefined, newSeries: SeriesDef[]): void {
  for (const def of numbering.pending()) newSeries.push(def)
  numbering.noteLastSeen()
  if (!derivation) return
  for (const def of derivation.pending()) newSeries.push(def)
  derivation.noteLastSeen()
}

function assign<K extends keyof Columns>(columns: Columns, name: K, value: Columns[K] | undefined): void {
  if (value) columns[name] = value
}

function rowCount(batch: DecodedBatch): number {
  const { samples, points, histograms, events, tasks, sessions } = batch
  let rows = 0
  for (const table of [samples, points, histograms, events, tasks, sessions]) rows += table?.count ?? 0
  return rows
}

function hex(bytes: Uint8Array, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('hex')
}
