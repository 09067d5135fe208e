/** Events, task runs and sessions of a batch → admitted rows. */
import { type Events, type Sessions, Signal, TaskStatus, type Tasks, type U32Column } from '@telltale/protocol'
import type { EventRow, SessionRow, TaskRow } from '../model.js'
import { type Refusals, type RejectionReason, type TimeWindow, timeReason } from './admission.js'
import { type AttributeRows, attributeRows, dimensionRows } from './attributes.js'
import type { TaskDerivation } from './derive.js'
import { isName, type Numbering } from './numbering.js'

/** What the tables of one batch share. */
export interface RowContext {
  strings: readonly string[]
  numbering: Numbering
  window: TimeWindow
  refusals: Refusals
  /** Names rows that came without an id: the same on every retry and replay of the batch. */
  batchId: string
}

const maxDurationMs = 30 * 24 * 3_600_000
/** Above any real CPU time, wait or size, and small enough that sums stay exact. */
const maxReading = 1e12

export function admitEvents(events: Events, context: RowContext): EventRow[] {
  const { strings, window, refusals, batchId } = context
  const attributes = attributeRows(events.attributes, events.count, strings, context.numbering.resourceContext)
  const rows: EventRow[] = []
  for (let row = 0; row < events.count; row++) {
    const timeMs = events.timeMs[row]
    const name = strings[events.name[row]]
    const refused =
      (isName(name) ? undefined : 'invalid_name') ?? attributeReason(attributes, row) ?? timeReason(timeMs, window)
    if (refused) {
      refusals.add(Signal.event, refused, row)
      continue
    }
    rows.push({
      timeMs,
      name,
      id: text(events.id, row, strings) ?? `${batchId}-${row}`,
      userId: text(events.user, row, strings),
      orgId: text(events.org, row, strings),
      sessionId: text(events.session, row, strings),
      attributes: attributes.contexts[row],
    })
  }
  return rows
}

export function admitTasks(tasks: Tasks, context: RowContext, derivation: TaskDerivation): TaskRow[] {
  const { strings, window, refusals, batchId } = context
  const attributes = attributeRows(tasks.attributes, tasks.count, strings, context.numbering.resourceContext)
  const dimensions = dimensionRows(tasks.attributes, tasks.count, strings)
  const steps = stepRows(tasks, strings)
  const rows: TaskRow[] = []
  for (let row = 0; row < tasks.count; row++) {
    const startMs = tasks.timeMs[row]
    const durationMs = tasks.durationMs[row]
    const type = strings[tasks.type[row]]
    const status = tasks.status[row]
    const refused =
      (isName(type) ? undefined : 'invalid_name') ??
      attributeReason(attributes, row) ??
      (status >= TaskStatus.ok && status <= TaskStatus.cancelled ? undefined : 'invalid_status') ??
      runReason(startMs, durationMs, window)
    if (refused) {
      refusals.add(Signal.task, refused, row)
      continue
    }
    const task: TaskRow = {
      id: text(tasks.id, row, strings) ?? `${batchId}-${row}`,
      type,
      startMs,
      durationMs,
      status,
      attempt: tasks.attempt?.[row] || 1,
      parentId: text(tasks.parentId, row, strings),
      traceId: text(tasks.traceId, row, strings),
      errorType: text(tasks.errorType, row, strings),
      errorMessage: text(tasks.errorMessage, row, strings),
      queueWaitMs: measured(tasks.queueWaitMs?.[row]),
      cpuTimeMs: measured(tasks.cpuTimeMs?.[row]),
      cpuUsagePercent: measured(tasks.cpuUsagePercent?.[row]),
      cpuMethod: (tasks.cpuMethod?.[row] ?? 0) % 4,
      memoryUsageMb: measured(tasks.memoryUsageMb?.[row]),
      context: attributes.contexts[row],
      steps: steps?.get(row) ?? [],
    }
    rows.push(task)
    derivation.add(task, dimensions?.[row])
  }
  return rows
}

export function admitSessions(sessions: Sessions, context: RowContext): SessionRow[] {
  const { strings, window, refusals, batchId } = context
  const attributes = attributeRows(sessions.attributes, sessions.count, strings, context.numbering.resourceContext)
  const rows: SessionRow[] = []
  for (let row = 0; row < sessions.count; row++) {
    const startMs = sessions.timeMs[row]
    const durationMs = sessions.durationMs[row]
    const refused = attributeReason(attributes, row) ?? runReason(startMs, durationMs, window)
    if (refused) {
      refusals.add(Signal.session, refused, row)
      continue
    }
    rows.push({
      id: text(sessions.id, row, strings) ?? `${batchId}-${row}`,
      startMs,
      durationMs,
      userId: text(sessions.user, row, strings),
      orgId: text(sessions.org, row, strings),
      events: sessions.events?.[row] ?? 0,
      pageViews: sessions.pageViews?.[row] ?? 0,
      entry: text(sessions.entry, row, strings),
      exit: text(sessions.exit, row, strings),
      referrer: text(sessions.referrer, row, strings),
      attributes: attributes.contexts[row],
    })
  }
  return rows
}

function text(column: U32Column | undefined, row: number, strings: readonly string[]): string | null {
  return (column && strings[column[row]]) || null
}

/** A resource reading that is not a number from 0 up counts as not measured; it does not cost the row. */
function measured(value: number | undefined): number | null {
  return value !== undefined && value >= 0 && value <= maxReading ? value : null
}

function attributeReason(attributes: AttributeRows, row: number): RejectionReason | undefined {
  if (attributes.badNames.has(row)) return 'invalid_name'
  return attributes.notFinite.has(row) ? 'not_finite' : undefined
}

/** Runs and sessions are reported when they end, so it is their end that must lie in the window. */
function runReason(startMs: number, durationMs: number, window: TimeWindow): RejectionReason | undefined {
  if (durationMs - durationMs !== 0) return 'not_finite'
  if (durationMs < 0 || durationMs > maxDurationMs) return 'invalid_duration'
  return startMs >= 0 ? timeReason(startMs + durationMs, window) : 'invalid_time'
}

function stepRows(tasks: Tasks, strings: readonly string[]): Map<number, TaskRow['steps']> | undefined {
  if (!tasks.steps) return undefined
  const { count, row, name, offsetMs } = tasks.steps
  const rows = new Map<number, TaskRow['steps']>()
  for (let i = 0; i < count; i++) {
    const offset = measured(offsetMs[i])
    if (offset === null) continue
    const step = { name: strings[name[i]], offsetMs: offset }
    const list = rows.get(row[i])
    if (list) list.push(step)
    else rows.set(row[i], [step])
  }
  return rows
}
