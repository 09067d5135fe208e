/** `POST /api/v1/tasks/query` and `GET /api/v1/tasks/{id}`. */
import { z } from 'zod'
import { Filters, TimeRange } from './common.js'

export const TaskStatusName = z.enum(['ok', 'error', 'timeout', 'cancelled']).meta({ id: 'TaskStatus' })
export type TaskStatusName = z.infer<typeof TaskStatusName>

export const TaskSort = z.enum([
  'start_time',
  'duration_ms',
  'cpu_time_ms',
  'memory_usage_mb',
  'task_type',
  'status',
  'attempt',
])

export const TasksQuery = z
  .strictObject({
    time_range: TimeRange.default({ start: 'now-1h', end: 'now' }),
    task_type: z.union([z.string(), z.array(z.string()).max(1000)]).optional(),
    status: z.union([TaskStatusName, z.array(TaskStatusName)]).optional(),
    search: z.string().max(256).optional().meta({ description: 'Substring of the id, type, error type or message.' }),
    filters: Filters.default({}).meta({
      description:
        'On the attributes of runs, and on `task.type`, `status`, `error.type`, `attempt` and `parent.id`, the run that started them.',
    }),
    min_duration_ms: z.number().min(0).optional(),
    max_duration_ms: z.number().min(0).optional(),
    sort: TaskSort.default('start_time'),
    order: z.enum(['asc', 'desc']).default('desc'),
    limit: z.number().int().min(1).max(1000).default(50),
    offset: z.number().int().min(0).max(1_000_000).default(0),
  })
  .meta({ id: 'TasksQuery' })
export type TasksQuery = z.input<typeof TasksQuery>
export type ResolvedTasksQuery = z.output<typeof TasksQuery>

export const TaskStep = z.strictObject({ name: z.string(), offset_ms: z.number() }).meta({ id: 'TaskStep' })

export const TaskRun = z
  .strictObject({
    task_id: z.string(),
    task_type: z.string(),
    start_time: z.string(),
    end_time: z.string(),
    duration_ms: z.number(),
    status: TaskStatusName,
    cpu_usage_percent: z.number().nullable(),
    cpu_time_ms: z.number().nullable(),
    cpu_method: z.enum(['none', 'exclusive', 'process', 'slices']),
    memory_usage_mb: z.number().nullable(),
    queue_wait_ms: z.number().nullable(),
    error_type: z.string().nullable(),
    error_message: z.string().nullable(),
    attempt: z.number().int(),
    parent_id: z.string().nullable(),
    trace_id: z.string().nullable(),
    context: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    steps: z.array(TaskStep),
  })
  .meta({ id: 'TaskRun' })
export type TaskRun = z.infer<typeof TaskRun>

export const TasksResult = z
  .strictObject({ data: z.array(TaskRun), meta: z.strictObject({ total: z.number().int(), took_ms: z.number() }) })
  .meta({ id: 'TasksResult' })
export type TasksResult = z.infer<typeof TasksResult>
