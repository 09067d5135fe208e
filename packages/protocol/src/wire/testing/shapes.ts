/** Batches in other shapes, written apart from the codec so that tests compare two accounts of the same format. */
import type { AttributeColumn, Batch } from '../types.js'

type Columns = Record<string, unknown>

/** Columns of the wire that hold string references, numbers and so on come over as they are; these are the ones that do not. */
const differences = (values: ArrayLike<number>, first = 0): number[] =>
  Array.from(values, (value, i) => value - (i === 0 ? first : values[i - 1]))

const cut = (values: ArrayLike<number> | undefined, count: number): number[] | undefined =>
  values === undefined ? undefined : Array.from(values).slice(0, count)

/** The message that protobufjs encodes for a batch, by the field names of `proto/telemetry.proto`. */
export function toMessage(batch: Batch): Columns {
  const base = batch.baseTimeMs
  const times = (values: ArrayLike<number>, count: number) => differences(Array.from(values).slice(0, count), base)
  const { samples, points, histograms, events, tasks, sessions } = batch
  return {
    sentTimeMs: batch.sentTimeMs,
    batchId: batch.batchId,
    streamId: batch.streamId,
    sequence: batch.sequence,
    baseTimeMs: base,
    strings: batch.strings.slice(1),
    resource: batch.resource.length > 0 ? { attributes: batch.resource } : undefined,
    series: batch.series,
    samples: samples?.count
      ? {
          series: cut(samples.series, samples.count),
          time: times(samples.timeMs, samples.count),
          value: cut(samples.value, samples.count),
        }
      : undefined,
    points: points?.count
      ? {
          start: points.startMs - base,
          end: points.endMs - base,
          series: cut(points.series, points.count),
          value: cut(points.value, points.count),
        }
      : undefined,
    histograms: histograms?.count ? histogramsMessage(histograms, base) : undefined,
    events: events?.count
      ? {
          name: cut(events.name, events.count),
          time: times(events.timeMs, events.count),
          id: cut(events.id, events.count),
          user: cut(events.user, events.count),
          org: cut(events.org, events.count),
          session: cut(events.session, events.count),
          attributes: attributesMessage(events.attributes, events.count),
        }
      : undefined,
    tasks: tasks?.count ? tasksMessage(tasks, times(tasks.timeMs, tasks.count)) : undefined,
    sessions: sessions?.count
      ? {
          id: cut(sessions.id, sessions.count),
          time: times(sessions.timeMs, sessions.count),
          durationMs: cut(sessions.durationMs, sessions.count),
          user: cut(sessions.user, sessions.count),
          org: cut(sessions.org, sessions.count),
          events: cut(sessions.events, sessions.count),
          pageViews: cut(sessions.pageViews, sessions.count),
          entry: cut(sessions.entry, sessions.count),
          exit: cut(sessions.exit, sessions.count),
          referrer: cut(sessions.referrer, sessions.count),
          attributes: attributesMessage(sessions.attributes, sessions.count),
        }
      : undefined,
    drops: batch.drops,
  }
}

function histogramsMessage(table: NonNullable<Batch['histograms']>, base: number): Columns {
  const buckets = Array.from(table.buckets).slice(0, table.count)
  const key: number[] = []
  let at = 0
  for (const length of buckets) {
    key.push(...differences(Array.from(table.key).slice(at, at + length)))
    at += length
  }
  return {
    start: table.startMs - base,
    end: table.endMs - base,
    series: cut(table.series, table.count),
    sum: cut(table.sum, table.count),
    min: cut(table.min, table.count),
    max: cut(table.max, table.count),
    buckets,
    key,
    bucketCount: cut(table.bucketCount, at),
  }
}

function tasksMessage(table: NonNullable<Batch['tasks']>, time: number[]): Columns {
  const { count, steps } = table
  const columns: Columns = {}
  for (const [name, column] of Object.entries(table)) {
    if (ArrayBuffer.isView(column) || (Array.isArray(column) && name !== 'attributes')) {
      columns[name] = cut(column as unknown as ArrayLike<number>, count)
    }
  }
  delete columns.timeMs
  return {
    ...columns,
    time,
    attributes: attributesMessage(table.attributes, count),
    steps: steps?.count
      ? {
          row: differences(Array.from(steps.row).slice(0, steps.count)),
          name: cut(steps.name, steps.count),
          offsetMs: cut(steps.offsetMs, steps.count),
        }
      : undefined,
  }
}

function attributesMessage(columns: AttributeColumn[], rows: number): Columns[] {
  return columns
    .filter((column) => (column.row?.length ?? rows) > 0)
    .map(({ key, row, type, value, dimension }) => ({
      key,
      row: row === undefined ? [] : differences(row),
      [type]: cut(value, row?.length ?? rows),
      dimension: dimension ? 1 : 0,
    }))
}

/** What the reader should make of an encoded batch: exact-length typed columns, and no table or attribute without rows. */
export function toDecoded(batch: Batch): Batch {
  const decoded: Columns = { ...batch }
  for (const name of ['samples', 'points', 'histograms', 'events', 'tasks', 'sessions'] as const) {
    const table = batch[name]
    decoded[name] = table?.count ? typedTable({ ...table }) : undefined
  }
  return decoded as unknown as Batch
}

const doubleColumns = new Set(
  [
    'timeMs value sum min max durationMs queueWaitMs cpuTimeMs cpuUsagePercent memoryUsageMb offsetMs'.split(' '),
  ].flat(),
)

function typedTable(table: Columns): Columns {
  const count = table.count as number
  const entries = Array.from((table.buckets as ArrayLike<number>) ?? [])
    .slice(0, count)
    .reduce((total, n) => total + n, 0)
  for (const [name, column] of Object.entries(table)) {
    if (name === 'attributes') table[name] = (column as AttributeColumn[]).flatMap((one) => typedAttribute(one, count))
    else if (name === 'steps')
      table[name] = (column as Batch['samples'])?.count ? typedTable({ ...(column as Columns) }) : undefined
    else if (Array.isArray(column) || ArrayBuffer.isView(column)) {
      const values = Array.from(column as ArrayLike<number>).slice(
        0,
        name === 'key' || name === 'bucketCount' ? entries : count,
      )
      table[name] =
        name === 'key'
          ? Int32Array.from(values)
          : doubleColumns.has(name)
            ? Float64Array.from(values)
            : Uint32Array.from(values)
    }
  }
  return table
}

function typedAttribute(column: AttributeColumn, rows: number): AttributeColumn[] {
  const count = column.row?.length ?? rows
  if (count === 0) return []
  const values = Array.from(column.value).slice(0, count)
  const value = column.type === 'number' ? Float64Array.from(values) : Uint32Array.from(values)
  return [{ ...column, row: column.row && Uint32Array.from(column.row), value }]
}
