/** `telltale query`: one expression, answered as a table with a sparkline a group. */
import type { AnyMetricsQuery, MetricsColumns, MetricsResult, Tags } from '@telltale/protocol/api'
import { Option } from 'commander'
import { defaultProject } from '../config.js'
import { type Connection, type ConnectionFlags, connect, post } from './connection.js'
import { type Expression, readExpression, withFilters } from './expression.js'
import { CommandFailure } from './failure.js'
import type { AddCommand, GlobalFlags } from './parts.js'
import { formatNumber, sparkline } from './sparkline.js'
import { formatTable } from './table.js'
import { print } from './terminal.js'

interface QueryFlags extends GlobalFlags, ConnectionFlags {
  range: string
  step?: string
  filter: string[]
  limit?: string
  timeZone?: string
}

const path = '/api/v1/metrics/query'
const sparklineWidth = 60
const durationPattern = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/
const unitSeconds: Readonly<Record<string, number>> = { ms: 1e-3, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }
const sparklineSteps = [
  '1s',
  '5s',
  '10s',
  '30s',
  '1m',
  '5m',
  '15m',
  '1h',
  '3h',
  '6h',
  '12h',
  '1d',
  '7d',
  '30d',
] as const

export const addQuery: AddCommand = (telltale, parts) => {
  const command = telltale.command('query').description('ask for a metric: a table and a sparkline')
  command
    .argument('<expression>', "such as 'p95(task.execution.duration) by (task.type)'")
    .option('--range <duration>', 'how far back', '1h')
    .option('--step <duration>', 'bucket length; default: one that fits the sparkline')
    .option('--filter <tag=value>', 'only series with this tag; may be repeated', collect, [])
    .option('--limit <number>', 'only so many groups, largest first')
    .option('--time-zone <name>', 'IANA name, for steps of days and weeks')
    .addOption(new Option('--endpoint <url>', 'default: the collector of the data folder').env('TELLTALE_ENDPOINT'))
    .addOption(
      new Option('--key <key>', 'a key of scope read; default: one made for this query').env('TELLTALE_API_KEY'),
    )
    .option('--project <name>', 'project, where no key says it', defaultProject)
    .addHelpText(
      'after',
      `
Works while a collector serves from the data folder, and without one.
An expression is aggregation(metric{tag="value", …}) by (tag, …); conditions are =, != and ^= (begins with).
Several of them may be combined with + - * / %, parentheses, abs, ceil, floor, round, sqrt, least and greatest.

Examples:
  telltale query 'p95(task.execution.duration) by (task.type)' --range 1h
  telltale query 'rate(jobs.done{queue="mail"})' --range 24h --step 15m
  telltale query 'sum(jobs.failed) / sum(jobs.done) * 100 by (queue)'
  telltale query 'quantile(0.97, http.latency)' --filter route=/a --json
  telltale query 'avg(temp)' --endpoint https://metrics.example.com --key "$KEY"`,
    )
    .action(async (text: string) => {
      const flags = command.optsWithGlobals<QueryFlags>()
      const expression = withFilters(readExpression(text), flags.filter)
      const query = request(expression, flags)
      const connection = await connect(parts, flags, { scope: 'read' })
      try {
        if (flags.json) return print(JSON.stringify(await post<MetricsResult>(connection, path, query)))
        print(await answer(connection, query, text))
      } finally {
        await connection.close()
      }
    })
}

/** What the flags ask for; the collector checks the rest and says what is wrong with it. */
function request(expression: Expression, { range, step, limit, timeZone }: QueryFlags): AnyMetricsQuery {
  if (!durationPattern.test(range))
    throw new CommandFailure(`--range "${range}" is no duration such as 15m, 1h or 7d`, 2)
  if (limit !== undefined && !/^[1-9]\d*$/.test(limit)) {
    throw new CommandFailure(`--limit "${limit}" is no whole number above 0`, 2)
  }
  return {
    ...expression,
    // The bucket of now is still open; what clocks that run ahead have sent belongs to a later question.
    time_range: { start: `now-${range}` },
    ...(step === undefined ? {} : { step }),
    ...(limit === undefined ? {} : { limit: Number(limit) }),
    ...(timeZone === undefined ? {} : { time_zone: timeZone }),
  }
}

/** Value over the whole range, which is no mean of buckets, beside what its buckets show. */
async function answer(connection: Connection, query: AnyMetricsQuery, text: string): Promise<string> {
  const { step = fittingStep(query), ...whole } = query
  const totals = await post<MetricsResult>(connection, path, whole)
  const trend = await post<MetricsColumns>(connection, path, { ...whole, step, fill: 'null', format: 'columns' })
  const { meta } = trend
  if (totals.data.length === 0)
    return `No data of ${'metric_name' in query ? query.metric_name : text} in this range and with these filters.`
  const tagNames = query.group_by ?? []
  const linesOf = new Map(trend.series.map(({ tags, values }) => [keyOf(tags, tagNames), values]))
  const head = [...tagNames.map((tag) => tag.toUpperCase()), 'VALUE', 'MIN', 'MAX', 'LAST', `PER ${meta.step}`]
  const rows = totals.data.map(({ value, tags }) => {
    const values = linesOf.get(keyOf(tags, tagNames)) ?? []
    const known = values.filter((one) => one !== null)
    const [min, max] = known.length > 0 ? [Math.min(...known), Math.max(...known)] : [null, null]
    const numbers = [value, min, max, known.at(-1) ?? null].map(formatNumber)
    return [...tagNames.map((tag) => tags[tag] ?? '–'), ...numbers, sparkline(values, sparklineWidth)]
  })
  const unit = meta.unit === '' ? '' : `, ${meta.unit}`
  return `${formatTable([head, ...rows])}\n\n${meta.kind}${unit}; resolution ${meta.resolution}, ${formatNumber(totals.meta.took_ms + meta.took_ms)} ms`
}

function keyOf(tags: Tags, names: readonly string[]): string {
  return JSON.stringify(names.map((name) => tags[name] ?? null))
}

/** The shortest step that gives no more buckets than the sparkline has columns. */
function fittingStep({ time_range: range }: AnyMetricsQuery): string {
  const seconds = secondsOf(String(range.start).slice('now-'.length))
  return sparklineSteps.find((step) => seconds / secondsOf(step) <= sparklineWidth) ?? '30d'
}

function secondsOf(duration: string): number {
  const [, amount, unit] = durationPattern.exec(duration) as RegExpExecArray
  return Number(amount) * unitSeconds[unit!]!
}

function collect(value: string, before: string[]): string[] {
  return [...before, value]
}
