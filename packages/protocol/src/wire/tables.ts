/** The tables of a batch, message → typed columns; `decode.ts` puts them together. */

import { isSketchKey } from '../sketch-key.js'
import { WireError } from './errors.js'
import { FieldType, type Layout, type WireMessage } from './reader.js'
import type {
  AttributeColumn,
  Events,
  Histograms,
  Points,
  Samples,
  Schema,
  Sessions,
  Steps,
  Tasks,
  WireLimits,
} from './types.js'

/** What all tables of one batch share, and what they may still use of its budget. */
export interface TableContext {
  limits: Readonly<WireLimits>
  schema: Schema
  baseTimeMs: number
  rowsLeft: number
  attributeColumnsLeft: number
}

const { none, uint, message, repeated, varints, doubles } = FieldType

const samplesLayout: Layout = [none, varints, varints, doubles]
const pointsLayout: Layout = [none, uint, uint, varints, doubles]
const histogramsLayout: Layout = [none, uint, uint, varints, doubles, doubles, doubles, varints, varints, varints]
const eventsLayout: Layout = [none, varints, varints, varints, varints, varints, varints, repeated]
const tasksLayout: Layout = [
  none,
  varints, // 1 type
  varints, // 2 time
  doubles, // 3 duration_ms
  varints, // 4 status
  varints, // 5 id
  varints, // 6 attempt
  varints, // 7 parent_id
  varints, // 8 trace_id
  varints, // 9 error_type
  varints, // 10 error_message
  doubles, // 11 queue_wait_ms
  doubles, // 12 cpu_time_ms
  doubles, // 13 cpu_usage_percent
  varints, // 14 cpu_method
  doubles, // 15 memory_usage_mb
  repeated, // 16 attributes
  message, // 17 steps
]
const stepsLayout: Layout = [none, varints, varints, doubles]
const sessionsLayout: Layout = [
  none,
  varints, // 1 id
  varints, // 2 time
  doubles, // 3 duration_ms
  varints, // 4 user
  varints, // 5 org
  varints, // 6 events
  varints, // 7 page_views
  varints, // 8 entry
  varints, // 9 exit
  varints, // 10 referrer
  repeated, // 11 attributes
]
const attributeLayout: Layout = [none, uint, varints, varints, doubles, varints, uint]

export function decodeSamples(batch: WireMessage, field: number, context: TableContext): Samples | undefined {
  const table = batch.message(field, samplesLayout)
  if (table === undefined) return undefined
  const count = takeRows(context, table, table.countDoubles(3))
  const samples = {
    count,
    series: table.uint32s(1, count, context.schema.series.length),
    timeMs: table.times(2, count, context.baseTimeMs),
    value: table.doubles(3, count),
  }
  return count === 0 ? undefined : samples
}

export function decodePoints(batch: WireMessage, field: number, context: TableContext): Points | undefined {
  const table = batch.message(field, pointsLayout)
  if (table === undefined) return undefined
  const count = takeRows(context, table, table.countDoubles(4))
  const points = {
    count,
    startMs: table.offset(1, context.baseTimeMs),
    endMs: table.offset(2, context.baseTimeMs),
    series: table.uint32s(3, count, context.schema.series.length),
    value: table.doubles(4, count),
  }
  return count === 0 ? undefined : points
}

export function decodeHistograms(batch: WireMessage, field: number, context: TableContext): Histograms | undefined {
  const table = batch.message(field, histogramsLayout)
  if (table === undefined) return undefined
  const count = takeRows(context, table, table.countDoubles(4))
  const buckets = table.uint32s(7, count)
  let entries = 0
  for (let row = 0; row < count; row++) entries += buckets[row]
  if (entries > context.limits.maxBuckets) throw new WireError('too_many_buckets', table.from(7))
  const histograms = {
    count,
    startMs: table.offset(1, context.baseTimeMs),
    endMs: table.offset(2, context.baseTimeMs),
    series: table.uint32s(3, count, context.schema.series.length),
    sum: table.doubles(4, count),
    min: table.doubles(5, count),
    max: table.doubles(6, count),
    buckets,
    key: decodeKeys(table, buckets, entries),
    bucketCount: table.uint32s(9, entries),
  }
  return count === 0 ? undefined : histograms
}

function decodeKeys(table: WireMessage, buckets: Uint32Array, entries: number): Int32Array {
  const deltas = table.sint32s(8, entries)
  const keys = new Int32Array(entries)
  let i = 0
  for (let row = 0; row < buckets.length; row++) {
    let key = 0
    for (let k = 0; k < buckets[row]; k++, i++) {
      if (k > 0 && deltas[i] <= 0) throw new WireError('not_ascending', table.from(8))
      key += deltas[i]
      if (!isSketchKey(key)) throw new WireError('key_out_of_range', table.from(8))
      keys[i] = key
    }
  }
  return keys
}

export function decodeEvents(batch: WireMessage, field: number, context: TableContext): Events | undefined {
  const table = batch.message(field, eventsLayout)
  if (table === undefined) return undefined
  const count = takeRows(context, table, table.countVarints(1))
  const strings = context.schema.strings.length
  const events = {
    count,
    name: table.uint32s(1, count, strings),
    timeMs: table.times(2, count, context.baseTimeMs),
    id: table.optionalUint32s(3, count, strings),
    user: table.optionalUint32s(4, count, strings),
    org: table.optionalUint32s(5, count, strings),
    session: table.optionalUint32s(6, count, strings),
    attributes: decodeAttributes(table, 7, count, context),
  }
  const { stringBytes } = context.schema
  for (let row = 0; row < count; row++) {
    if (stringBytes[events.name[row]] > context.limits.maxNameBytes) {
      throw new WireError('name_too_long', table.from(1))
    }
  }
  return count === 0 ? undefined : events
}

export function decodeTasks(batch: WireMessage, field: number, context: TableContext): Tasks | undefined {
  const table = batch.message(field, tasksLayout)
  if (table === undefined) return undefined
  const count = takeRows(context, table, table.countDoubles(3))
  const strings = context.schema.strings.length
  const tasks = {
    count,
    type: table.uint32s(1, count, strings),
    timeMs: table.times(2, count, context.baseTimeMs),
    durationMs: table.doubles(3, count),
    status: table.uint32s(4, count),
    id: table.uint32s(5, count, strings),
    attempt: table.optionalUint32s(6, count),
    parentId: table.optionalUint32s(7, count, strings),
    traceId: table.optionalUint32s(8, count, strings),
    errorType: table.optionalUint32s(9, count, strings),
    errorMessage: table.optionalUint32s(10, count, strings),
    queueWaitMs: table.optionalDoubles(11, count),
    cpuTimeMs: table.optionalDoubles(12, count),
    cpuUsagePercent: table.optionalDoubles(13, count),
    cpuMethod: table.optionalUint32s(14, count),
    memoryUsageMb: table.optionalDoubles(15, count),
    attributes: decodeAttributes(table, 16, count, context),
    steps: decodeSteps(table, 17, count, context),
  }
  return count === 0 ? undefined : tasks
}

function decodeSteps(tasks: WireMessage, field: number, taskRows: number, context: TableContext): Steps | undefined {
  const table = tasks.message(field, stepsLayout)
  if (table === undefined) return undefined
  const count = table.countDoubles(3)
  if (count > context.limits.maxSteps) throw new WireError('too_many_steps', table.start)
  const steps = {
    count,
    row: table.ascending(1, count, taskRows, false),
    name: table.uint32s(2, count, context.schema.strings.length),
    offsetMs: table.doubles(3, count),
  }
  return count === 0 ? undefined : steps
}

export function decodeSessions(batch: WireMessage, field: number, context: TableContext): Sessions | undefined {
  const table = batch.message(field, sessionsLayout)
  if (table === undefined) return undefined
  const count = takeRows(context, table, table.countDoubles(3))
  const strings = context.schema.strings.length
  const sessions = {
    count,
    id: table.uint32s(1, count, strings),
    timeMs: table.times(2, count, context.baseTimeMs),
    durationMs: table.doubles(3, count),
    user: table.optionalUint32s(4, count, strings),
    org: table.optionalUint32s(5, count, strings),
    events: table.optionalUint32s(6, count),
    pageViews: table.optionalUint32s(7, count),
    entry: table.optionalUint32s(8, count, strings),
    exit: table.optionalUint32s(9, count, strings),
    referrer: table.optionalUint32s(10, count, strings),
    attributes: decodeAttributes(table, 11, count, context),
  }
  return count === 0 ? undefined : sessions
}

/** Counts against the batch's budget before any column of the table is allocated. */
function takeRows(context: TableContext, table: WireMessage, count: number): number {
  if (count > context.rowsLeft) throw new WireError('too_many_rows', table.start)
  context.rowsLeft -= count
  return count
}

function decodeAttributes(table: WireMessage, field: number, rows: number, context: TableContext): AttributeColumn[] {
  if (!table.has(field)) return []
  const columns = table.occurrences(field)
  if (columns > context.attributeColumnsLeft) throw new WireError('too_many_attribute_columns', table.from(field))
  context.attributeColumnsLeft -= columns

  const { limits, schema } = context
  const perRow = new Uint32Array(rows).fill(schema.resource.length / 2)
  return table.messages(field, attributeLayout).map((message) => {
    const column = decodeAttributeColumn(message, rows, schema.strings.length)
    if (schema.stringBytes[column.key] > limits.maxNameBytes) throw new WireError('name_too_long', message.start)
    const count = column.value.length
    for (let i = 0; i < count; i++) {
      const row = column.row === undefined ? i : column.row[i]
      if (++perRow[row] > limits.maxAttributes) throw new WireError('too_many_attributes', message.start)
    }
    return column
  })
}

function decodeAttributeColumn(message: WireMessage, rows: number, strings: number): AttributeColumn {
  const key = message.uint(1)
  if (key >= strings) throw new WireError('index_out_of_range', message.from(1))
  const listed = message.countVarints(2)
  if (listed > rows) throw new WireError('index_out_of_range', message.from(2))
  const row = listed === 0 ? undefined : message.ascending(2, listed, rows, true)
  const count = row === undefined ? rows : listed
  const string = message.optionalUint32s(3, count, strings)
  const number = message.optionalDoubles(4, count)
  const bool = message.optionalUint32s(5, count)
  const value = string ?? number ?? bool
  const types = Number(string !== undefined) + Number(number !== undefined) + Number(bool !== undefined)
  if (value === undefined || types !== 1) throw new WireError('bad_attribute_column', message.start)
  if (bool?.some((one) => one > 1)) throw new WireError('bad_bool', message.from(5))
  const type = string !== undefined ? 'string' : number !== undefined ? 'number' : 'bool'
  return { key, row, type, value, dimension: message.uint(6) !== 0 }
}
