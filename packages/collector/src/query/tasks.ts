/** Task runs: requests of the API as requests to the store, and stored rows as the API shows them. */
import { CpuMethod, TaskStatus } from '@telltale/protocol'
import type { ResolvedTasksQuery, TaskRun } from '@telltale/protocol/api'
import type { ProjectId, TaskRow } from '../model.js'
import type { TasksRequest } from '../store/store.js'
import { textConditions } from './selection.js'
import { resolveRange } from './time.js'

const statusNames = namesByCode(TaskStatus)
const cpuMethodNames = namesByCode(CpuMethod)

export function tasksRequest(
  project: ProjectId,
  query: ResolvedTasksQuery,
  nowMs: number,
  timeoutMs: number,
): TasksRequest {
  return {
    project,
    ...resolveRange(query.time_range, nowMs),
    types: listOf(query.task_type),
    statuses: listOf(query.status)?.map((name) => TaskStatus[name]),
    search: query.search === '' ? undefined : query.search,
    filters: textConditions(query.filters),
    minDurationMs: query.min_duration_ms,
    maxDurationMs: query.max_duration_ms,
    sort: query.sort,
    descending: query.order === 'desc',
    limit: query.limit,
    offset: query.offset,
    timeoutMs,
  }
}

export function taskRun(row: TaskRow): TaskRun {
  return {
    task_id: row.id,
    task_type: row.type,
    start_time: isoTime(row.startMs),
    end_time: isoTime(row.startMs + row.durationMs),
    duration_ms: row.durationMs,
    status: statusNames.get(row.status) ?? 'error',
    cpu_usage_percent: row.cpuUsagePercent,
    cpu_time_ms: row.cpuTimeMs,
    cpu_method: cpuMethodNames.get(row.cpuMethod) ?? 'none',
    memory_usage_mb: row.memoryUsageMb,
    queue_wait_ms: row.queueWaitMs,
    error_type: row.errorType,
    error_message: row.errorMessage,
    attempt: row.attempt,
    parent_id: row.parentId,
    trace_id: row.traceId,
    context: row.context,
    steps: row.steps.map((step) => ({ name: step.name, offset_ms: step.offsetMs })),
  }
}

function listOf<T>(value: T | T[] | undefined): T[] | undefined {
  if (value === undefined) return undefined
  return Array.isArray(value) ? value : [value]
}

function namesByCode<Name extends string>(codes: Record<Name, number>): Map<number, Name> {
  return new Map((Object.keys(codes) as Name[]).map((name) => [codes[name], name]))
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}
