/** `GET /api/v1/export`: any query as a file, streamed. */
import { Readable } from 'node:stream'
import {
  EventsQuery,
  metricsQuerySchema,
  type ResolvedAnyQuery,
  type ResolvedEventsQuery,
  type ResolvedTasksQuery,
  TasksQuery,
} from '@telltale/protocol/api'
import { z } from 'zod'
import { TelltaleError } from '../errors.js'
import { csvOf } from './export/csv.js'
import { jsonOf } from './export/json.js'
import { localTime } from './export/local-time.js'
import { parquetOf } from './export/parquet.js'
import type { Sheet } from './export/sheet.js'
import { eventsSheet, metricsSheet, tasksSheet } from './export/sheets.js'
import type { Call, Route } from './route.js'

const text = (description: string) => z.string().max(16_384).optional().meta({ description })

const exportQuery = z.strictObject({
  format: z.enum(['csv', 'json', 'parquet']).default('csv'),
  kind: z.enum(['metrics', 'tasks', 'events']).default('metrics').meta({ description: 'What is asked.' }),
  query: text(
    'The whole query as JSON, as its POST route takes it. The parameters below say more, or the same one by one.',
  ),
  metric_name: text('A metric.'),
  aggregation: text('A named aggregation, or JSON such as {"quantile":0.97}.'),
  group_by: text('Tags, separated by commas.'),
  filters: text('JSON.'),
  start: text('Start of the range.'),
  end: text('End of the range; default now.'),
  step: text('Bucket length.'),
  time_zone: text('IANA name, for buckets and for times in CSV and JSON; default UTC.'),
  limit: text('Keep this many groups.'),
  order: text('asc or desc.'),
  fill: text('none, null, zero, previous or linear.'),
  compare_to: text('A duration; adds a column.'),
  formula: text('A formula; its queries stand in `queries`.'),
  queries: text('JSON: the queries of a formula.'),
})

const contentTypes = {
  csv: 'text/csv; charset=utf-8; header=present',
  json: 'application/json; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
} as const

export const exportRoutes: Route[] = [
  {
    method: 'GET',
    path: '/api/v1/export',
    tag: 'query',
    summary: 'Export a query as CSV, JSON or Parquet',
    scope: 'read',
    embed: true,
    query: exportQuery,
    response: { description: 'The file.', contentType: 'text/csv' },
    handle: exportFile,
  },
]

async function exportFile(call: Call): Promise<unknown> {
  const startedMs = performance.now()
  const { format, kind } = call.query as z.output<typeof exportQuery>
  const sheet = await sheetOf(call, kind, bodyOf(call.query))
  // A zone that is not known is refused before the first byte.
  localTime(sheet.timeZone)
  const stream =
    format === 'parquet' ? await parquetOf(sheet) : Readable.from(format === 'csv' ? csvOf(sheet) : jsonOf(sheet))
  stream.once('close', () => call.parts.measures.querySeconds('export', (performance.now() - startedMs) / 1000))
  const name = sheet.name.replace(/[^\w.-]+/g, '_').slice(0, 100)
  call.reply
    .type(contentTypes[format])
    .header('content-disposition', `attachment; filename="${name}.${format}"`)
    .header('cache-control', 'private, no-store')
  return call.reply.send(stream)
}

function sheetOf(call: Call, kind: 'metrics' | 'tasks' | 'events', body: Record<string, unknown>): Promise<Sheet> {
  if (kind === 'metrics') return metricsSheet(call, metricsQuerySchema(body).parse(body) as ResolvedAnyQuery)
  if (kind === 'events') return eventsSheet(call, EventsQuery.parse({ kind: 'trend', ...body }) as ResolvedEventsQuery)
  const { time_zone: timeZone = 'UTC', ...query } = body
  // In the order in which they began, what comes meanwhile is at the end.
  const asked = TasksQuery.parse({ sort: 'start_time', order: 'asc', ...query }) as ResolvedTasksQuery
  return tasksSheet(call, asked, String(timeZone))
}

/** One by one, parameters are text: lists, numbers and objects are read out of it. */
function bodyOf({
  format: _,
  kind: __,
  query,
  start,
  end,
  group_by: groupBy,
  ...rest
}: Call['query']): Record<string, unknown> {
  const body = query === undefined ? {} : (jsonOfText('query', query) as Record<string, unknown>)
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new TelltaleError('invalid_request', 'query: must be a JSON object')
  }
  for (const [name, value] of Object.entries(rest)) {
    if (value === undefined) continue
    const isJson = name === 'filters' || name === 'queries' || name === 'limit' || value.startsWith('{')
    body[name] = isJson ? jsonOfText(name, value) : value
  }
  if (groupBy !== undefined) body.group_by = groupBy === '' ? [] : groupBy.split(',')
  if (start !== undefined || end !== undefined) {
    body.time_range = { ...(body.time_range as object), ...(start && { start }), ...(end && { end }) }
  }
  return body
}

function jsonOfText(name: string, value: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    throw new TelltaleError('invalid_request', `${name}: is not JSON`)
  }
}
