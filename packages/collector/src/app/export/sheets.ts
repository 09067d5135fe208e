/** Answers of queries as sheets: metrics by time and group, task runs page by page, events by time. */
import type {
  MetricsColumns,
  ResolvedAnyQuery,
  ResolvedEventsQuery,
  ResolvedTasksQuery,
  TaskRun,
} from '@telltale/protocol/api'
import type { Call } from '../route.js'
import type { Cell, Sheet } from './sheet.js'

/** Rows that are made at once. */
const batchRows = 5000
const pageRows = 1000
/** Task runs of one export; further ones take a later start. */
export const maxExportedRuns = 1_000_000

/** Asked before anything is sent, so that what is wrong with the query becomes an error and not half a file. */
export async function metricsSheet(call: Call, query: ResolvedAnyQuery): Promise<Sheet> {
  const asked = { ...query, format: 'columns' as const }
  const { body } = await call.parts.queries.metricsJson(call.principal, asked, call.signal)
  const answer = JSON.parse(body.toString()) as MetricsColumns
  const tags = query.group_by.filter((tag, i) => query.group_by.indexOf(tag) === i)
  const { compare } = answer
  const own = ['timestamp', 'value', ...(compare === undefined ? [] : ['compare'])]
  return {
    name: 'metric_name' in query ? query.metric_name : 'formula',
    columns: [
      { name: 'timestamp', type: 'time' },
      ...tags.map((tag) => ({ name: own.includes(tag) ? `tag.${tag}` : tag, type: 'text' as const })),
      ...own.slice(1).map((name) => ({ name, type: 'number' as const })),
    ],
    batches: metricRows(answer, tags, query.fill === 'none'),
    timeZone: query.time_zone,
  }
}

async function* metricRows(
  { timestamps, series, compare }: MetricsColumns,
  tags: readonly string[],
  skipsGaps: boolean,
): AsyncGenerator<Cell[][]> {
  const before = compare && new Map(compare.map((one) => [JSON.stringify(one.tags), one.values]))
  const lines = series.map((one) => ({
    cells: tags.map((tag) => one.tags[tag]),
    values: one.values,
    before: before && (before.get(JSON.stringify(one.tags)) ?? []),
  }))
  let rows: Cell[][] = []
  for (let at = 0; at < timestamps.length; at++) {
    for (const line of lines) {
      const compared = line.before && [line.before[at] ?? null]
      if (skipsGaps && line.values[at] === null && (compared?.[0] ?? null) === null) continue
      rows.push([timestamps[at], ...line.cells, line.values[at], ...(compared ?? [])])
    }
    if (rows.length < batchRows) continue
    yield rows
    rows = []
  }
  yield rows
}

const runColumns: readonly { name: keyof TaskRun; type: Sheet['columns'][number]['type'] }[] = [
  { name: 'task_id', type: 'text' },
  { name: 'task_type', type: 'text' },
  { name: 'start_time', type: 'time' },
  { name: 'end_time', type: 'time' },
  { name: 'duration_ms', type: 'number' },
  { name: 'status', type: 'text' },
  { name: 'cpu_usage_percent', type: 'number' },
  { name: 'cpu_time_ms', type: 'number' },
  { name: 'cpu_method', type: 'text' },
  { name: 'memory_usage_mb', type: 'number' },
  { name: 'queue_wait_ms', type: 'number' },
  { name: 'error_type', type: 'text' },
  { name: 'error_message', type: 'text' },
  { name: 'attempt', type: 'number' },
  { name: 'parent_id', type: 'text' },
  { name: 'trace_id', type: 'text' },
  { name: 'context', type: 'json' },
  { name: 'steps', type: 'json' },
]

export async function tasksSheet(call: Call, query: ResolvedTasksQuery, timeZone: string): Promise<Sheet> {
  const { queries } = call.parts
  // Pages of a range that moved on would repeat rows, or leave some out.
  const fixed = { ...query, time_range: queries.fixedRange(query.time_range) }
  const page = (offset: number) =>
    queries.tasks(call.principal, { ...fixed, limit: pageRows, offset: query.offset + offset }, call.signal)
  const first = await page(0)
  return {
    name: 'tasks',
    columns: runColumns,
    batches: taskRows(first.data, page, first.meta.total - query.offset),
    timeZone,
  }
}

async function* taskRows(
  first: readonly TaskRun[],
  page: (offset: number) => Promise<{ data: TaskRun[] }>,
  total: number,
): AsyncGenerator<Cell[][]> {
  let data = first
  for (let offset = 0; data.length > 0; ) {
    yield data.map((run) =>
      runColumns.map(({ name, type }) =>
        type === 'time' ? Date.parse(run[name] as string) : ((run[name] ?? null) as Cell),
      ),
    )
    offset += data.length
    if (offset >= Math.min(total, maxExportedRuns)) return
    data = (await page(offset)).data
  }
}

export async function eventsSheet(call: Call, query: ResolvedEventsQuery): Promise<Sheet> {
  const answer = (await call.parts.queries.events(call.principal, query, call.signal)) as {
    data: { timestamp: string; value: number | null; tags: Record<string, string | null> }[]
  }
  const tags = [...new Set(query.group_by)]
  const rows = answer.data.map(({ timestamp, value, tags: of }) => [
    Date.parse(timestamp),
    ...tags.map((tag) => of[tag]),
    value,
  ])
  return {
    name: query.event ?? 'events',
    columns: [
      { name: 'timestamp', type: 'time' },
      ...tags.map((tag) => ({
        name: tag === 'value' || tag === 'timestamp' ? `tag.${tag}` : tag,
        type: 'text' as const,
      })),
      { name: 'value', type: 'number' },
    ],
    batches: (async function* () {
      yield rows
    })(),
    timeZone: query.time_zone,
  }
}
