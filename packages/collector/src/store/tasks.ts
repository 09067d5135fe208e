/** `tasks` and `task`: finished runs, searched, filtered, sorted and paged over hot rows and segments. */
import type { DuckDBConnection, DuckDBMaterializedResult } from '@duckdb/node-api'
import { TaskStatus } from '@telltale/protocol'
import type { Context, TaskRow } from '../model.js'
import { attributeSql, Bindings, conditionSql, int } from './sql.js'
import type { TasksPage, TasksRequest } from './store.js'
import { tables } from './tables.js'

const COLUMNS = tables.tasks.columns.map((column) => column.name).join(', ')

const STATUS_SQL = `CASE status ${Object.entries(TaskStatus)
  .map(([name, code]) => `WHEN ${code} THEN '${name}'`)
  .join(' ')} END`

/** Filter keys that are columns of their own; every other key is looked up among the run's attributes. */
const COLUMN_FILTERS: Readonly<Record<string, string>> = {
  'task.type': 'type',
  status: STATUS_SQL,
  'error.type': 'error_type',
  'parent.id': 'parent_id',
  attempt: 'attempt::VARCHAR',
}

const SORT_SQL: Readonly<Record<TasksRequest['sort'], string>> = {
  start_time: 'start_ms',
  duration_ms: 'duration_ms',
  cpu_time_ms: 'cpu_time_ms',
  memory_usage_mb: 'memory_usage_mb',
  task_type: 'type',
  status: 'status',
  attempt: 'attempt',
}

/** `selects` read the columns that they are given, in the request's time range. */
export async function tasks(
  connection: DuckDBConnection,
  request: TasksRequest,
  selects: (columns: string) => string[],
): Promise<TasksPage> {
  const rows = selects(COLUMNS)
  if (rows.length === 0) return { rows: [], total: 0 }
  const bindings = new Bindings()
  const where = conditions(bindings, request)
  const from = `FROM (${rows.join(' UNION ALL ')}) ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''}`
  const direction = request.descending ? 'DESC' : 'ASC'
  const counted = await connection.run(`SELECT count(*)::DOUBLE ${from}`, bindings.values, bindings.types)
  const total = Number((await counted.getRows())[0][0])
  if (total === 0) return { rows: [], total }
  // The further keys make pages stable where the first one ties.
  const page = await connection.run(
    `SELECT ${COLUMNS} ${from} ORDER BY ${SORT_SQL[request.sort]} ${direction} NULLS LAST, start_ms DESC, id
     LIMIT ${int(request.limit)} OFFSET ${int(request.offset)}`,
    bindings.values,
    bindings.types,
  )
  return { rows: await readTasks(page), total }
}

/** The run with this id; the newest where several have it. */
export async function task(
  connection: DuckDBConnection,
  id: string,
  selects: (columns: string) => string[],
): Promise<TaskRow | null> {
  const rows = selects(COLUMNS)
  if (rows.length === 0) return null
  const result = await connection.run(
    `SELECT ${COLUMNS} FROM (${rows.join(' UNION ALL ')}) WHERE id = $1 ORDER BY start_ms DESC LIMIT 1`,
    [id],
  )
  return (await readTasks(result))[0] ?? null
}

function conditions(bindings: Bindings, request: TasksRequest): string[] {
  const where: string[] = []
  if (request.types !== undefined) where.push(...conditionSql(bindings, 'type', { in: request.types }))
  if (request.statuses !== undefined) {
    where.push(request.statuses.length > 0 ? `status IN (${request.statuses.map(int).join(', ')})` : 'false')
  }
  if (request.minDurationMs !== undefined) where.push(`duration_ms >= ${bindings.number(request.minDurationMs)}`)
  if (request.maxDurationMs !== undefined) where.push(`duration_ms <= ${bindings.number(request.maxDurationMs)}`)
  if (request.search !== undefined && request.search !== '') {
    const needle = bindings.text(request.search.toLowerCase())
    const fields = ['id', 'type', 'error_type', 'error_message']
    where.push(`(${fields.map((field) => `contains(lower(coalesce(${field}, '')), ${needle})`).join(' OR ')})`)
  }
  for (const [key, condition] of Object.entries(request.filters)) {
    const text = Object.hasOwn(COLUMN_FILTERS, key) ? COLUMN_FILTERS[key] : attributeSql(bindings, 'context', key)
    where.push(...conditionSql(bindings, text, condition))
  }
  return where
}

async function readTasks(result: DuckDBMaterializedResult): Promise<TaskRow[]> {
  const rows = await result.getRowObjectsJS()
  return rows.map((row) => ({
    id: row.id as string,
    type: row.type as string,
    startMs: Number(row.start_ms),
    durationMs: row.duration_ms as number,
    status: row.status as number,
    attempt: row.attempt as number,
    parentId: row.parent_id as string | null,
    traceId: row.trace_id as string | null,
    errorType: row.error_type as string | null,
    errorMessage: row.error_message as string | null,
    queueWaitMs: row.queue_wait_ms as number | null,
    cpuTimeMs: row.cpu_time_ms as number | null,
    cpuUsagePercent: row.cpu_usage_percent as number | null,
    cpuMethod: row.cpu_method as number,
    memoryUsageMb: row.memory_usage_mb as number | null,
    context: JSON.parse(row.context as string) as Context,
    steps: JSON.parse(row.steps as string) as TaskRow['steps'],
  }))
}
