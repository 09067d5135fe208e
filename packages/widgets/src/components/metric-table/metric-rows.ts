/** What a metric table asks, and how the answers become its columns: a group a row, an aggregation a column. */
import type { Aggregation, MetricsColumns, MetricsQuery } from '@telltale/protocol/api'
import { parseDurationMs } from '../../client/clock.js'
import type { QueryClient } from '../../client/query-client.js'
import type { ExportColumn } from '../../export/table.js'
import { aggregateUnit } from '../../format/unit.js'
import type { TableData } from './table-data.js'

export interface TableQuestion {
  /** Everything but the aggregation. */
  selection: Omit<MetricsQuery, 'aggregation' | 'step' | 'format'>
  aggregations: readonly { name: string; aggregation: Aggregation }[]
  /** Width of the range, for the steps of trends; empty: no trends. */
  trendRange: string
  unit: string | undefined
}

const trendPoints = 30
/** More rows than this are read by their numbers; their trends would be more data than all else. */
const maxTrends = 1_000

export async function askTable(queries: QueryClient, question: TableQuestion): Promise<TableData> {
  const { selection, aggregations, trendRange } = question
  const answers = await Promise.all(
    aggregations.map(({ aggregation }) => queries.columns({ ...selection, aggregation })),
  )
  const rows = answers[0].series.map(({ tags }) => JSON.stringify(tags))
  const known = new Set(rows)
  // An aggregation may have a value where the first has none.
  for (const { series } of answers) {
    for (const { tags } of series) {
      const key = JSON.stringify(tags)
      if (!known.has(key)) rows.push(key)
      known.add(key)
    }
  }
  const tags = rows.map((row) => JSON.parse(row) as Record<string, string | null>)
  const columns: ExportColumn[] = [
    ...(selection.group_by ?? []).map((key) => ({
      name: key,
      kind: 'text' as const,
      values: tags.map((each) => each[key] ?? null),
    })),
    ...answers.map((answer, i) => ({
      name: aggregations[i].name,
      kind: 'number' as const,
      unit: question.unit ?? aggregateUnit(answer.meta.unit, aggregations[i].aggregation),
      values: columnOf(answer, rows),
    })),
  ]
  if (!trendRange || rows.length > maxTrends || rows.length === 0) return { columns }
  const stepMs = Math.max(1000, Math.round(parseDurationMs(trendRange) / trendPoints / 1000) * 1000)
  const course = await queries.columns({
    ...selection,
    aggregation: aggregations[0].aggregation,
    step: `${stepMs / 1000}s`,
    fill: 'null',
  })
  const byRow = new Map(course.series.map(({ tags: each, values }) => [JSON.stringify(each), values]))
  return { columns, trends: rows.map((row) => byRow.get(row)) }
}

function columnOf({ series }: MetricsColumns, rows: readonly string[]): (number | null)[] {
  const values = new Map(series.map((each) => [JSON.stringify(each.tags), each.values[0] ?? null]))
  return rows.map((row) => values.get(row) ?? null)
}
