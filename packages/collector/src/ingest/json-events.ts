/** `POST /api/v1/events` → a wire batch, so that events from curl take the same way in as those of the SDKs. */
import { createHash, randomBytes } from 'node:crypto'
import { type Batch, encodeBatch, Signal } from '@telltale/protocol'
import type { EventInput, EventsIngest, IngestResult } from '@telltale/protocol/api'
import { TelltaleError } from '../errors.js'
import type { ProjectId } from '../model.js'
import { type AdmissionSettings, Refusals, timeReason, timeWindow } from './admission.js'
import { allRowsRejected, type IntakeResult } from './intake.js'
import { AttributeColumns, Dictionary } from './json-columns.js'

export interface JsonEventsOptions {
  intake: { take(project: ProjectId, payload: Uint8Array): Promise<IntakeResult> }
  settings: AdmissionSettings
  now?: () => number
}

/** Attribute names that stand for an event's own columns, as the SDKs send them. */
const columnAttributes = { 'user.id': 'user_id', 'org.id': 'org_id', 'session.id': 'session_id' } as const

export async function takeJsonEvents(
  options: JsonEventsOptions,
  project: ProjectId,
  request: EventsIngest,
): Promise<IngestResult> {
  const nowMs = (options.now ?? Date.now)()
  const window = timeWindow(options.settings, nowMs)
  const refusals = new Refusals()
  const kept: EventInput[] = []
  const times: number[] = []
  const places: number[] = []
  for (const [place, event] of request.events.entries()) {
    const timeMs = eventTime(event.timestamp, nowMs, place)
    // Checked here as well as in the pipeline: the wire's time column does not reach from 1970 to today.
    const refused = timeReason(timeMs, window)
    if (refused) {
      refusals.add(Signal.event, refused, place)
      continue
    }
    kept.push(event)
    times.push(timeMs)
    places.push(place)
  }
  const early = refusals.list()
  if (kept.length === 0) throw allRowsRejected(early)
  const result = await options.intake.take(project, encodeBatch(toBatch(kept, times, nowMs, request.batch_id)))
  const late = result.rejected.map(({ reason, count, row }) => ({
    reason,
    count,
    rows: Array.from(row, (at) => places[at]),
  }))
  return {
    accepted: result.accepted,
    rejected: [...early.map(({ reason, count, row }) => ({ reason, count, rows: Array.from(row) })), ...late],
    duplicate: result.duplicate,
  }
}

function toBatch(events: EventInput[], timeMs: number[], nowMs: number, batchId: string | undefined): Batch {
  const dictionary = new Dictionary()
  const count = events.length
  const columns = { user_id: [] as number[], org_id: [] as number[], session_id: [] as number[] }
  const attributes = new AttributeColumns(dictionary)
  const name: number[] = []
  const id: number[] = []
  for (const [row, event] of events.entries()) {
    name.push(dictionary.ref(event.name))
    id.push(dictionary.ref(event.id ?? ''))
    const own = { ...event.properties, ...event.attributes }
    for (const [attribute, field] of Object.entries(columnAttributes)) {
      const given = own[attribute]
      const value = event[field] ?? (typeof given === 'string' ? given : undefined)
      if (value !== undefined) delete own[attribute]
      columns[field][row] = dictionary.ref(value ?? '')
    }
    for (const [key, value] of Object.entries(own)) if (value !== null) attributes.add(row, key, value)
  }
  const stream = batchId === undefined ? randomBytes(16) : createHash('sha256').update(batchId).digest().subarray(0, 16)
  return {
    sentTimeMs: nowMs,
    batchId: stream,
    streamId: stream,
    sequence: 0,
    baseTimeMs: timeMs[0],
    strings: dictionary.strings,
    resource: [],
    series: [],
    events: {
      count,
      name,
      timeMs,
      id,
      user: columns.user_id,
      org: columns.org_id,
      session: columns.session_id,
      attributes: attributes.list(),
    },
    drops: [],
  }
}

/** Unix ms of `2026-03-01T12:00:00Z`, `now`, `now-5m`, or a number of milliseconds. */
function eventTime(given: string | number | undefined, nowMs: number, place: number): number {
  if (given === undefined || given === 'now') return nowMs
  if (typeof given === 'number') return given
  const relative = /^now-(\d+)(ms|s|m|h|d)$/.exec(given)
  if (relative) {
    const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[relative[2]] as number
    return nowMs - Number(relative[1]) * unitMs
  }
  // A date without a zone is UTC, wherever the collector runs.
  const zoned = /(Z|[+-]\d\d:?\d\d)$/i.test(given) || !given.includes('T') ? given : `${given}Z`
  const timeMs = /^\d{4}-\d\d-\d\d/.test(given) ? Date.parse(zoned) : Number.NaN
  if (Number.isFinite(timeMs)) return timeMs
  throw new TelltaleError(
    'invalid_request',
    `events[${place}].timestamp: "${given}" is not a time; send ISO 8601 such as 2026-03-01T12:00:00Z, or Unix milliseconds`,
  )
}
