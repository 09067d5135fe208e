/**
 * What a query should answer, worked out from single observations in the most literal way, sharing no code with the
 * query stage: tests compare the two.
 */
import { Kind, type KindCode } from '@telltale/protocol'

export interface OraclePoint {
  group: string
  timeMs: number
  value: number
  /** For success rates. */
  isFavoured: boolean
}

export interface OracleQuestion {
  kind: KindCode
  aggregation: string | { quantile: number }
  startMs: number
  endMs: number
  nowMs: number
  /** Bucket edges; absent: one value. */
  edges?: readonly number[]
  fill: string
  isRatio: boolean
  isGrouped: boolean
}

export type OracleRows = Map<string, (number | null)[]>

const named: Record<string, number> = { p50: 0.5, p75: 0.75, p90: 0.9, p95: 0.95, p99: 0.99, p999: 0.999 }

/** Values of each group by bucket; null where there is no value. Groups without any value are left out. */
export function oracle(points: readonly OraclePoint[], question: OracleQuestion): OracleRows {
  const edges = question.edges ?? [question.startMs, question.endMs]
  const result: OracleRows = new Map()
  const groups = new Set(points.map(({ group }) => group))
  if (question.fill !== 'none' && !question.isGrouped) groups.add('')
  for (const group of groups) {
    const own = points.filter((point) => point.group === group)
    const values = edges
      .slice(0, -1)
      .map((fromMs, i) => bucketValue(own, Math.max(fromMs, question.startMs), fromMs, edges[i + 1]!, question))
    if (values.every((value) => value === null) && (question.fill === 'none' || question.isGrouped)) continue
    result.set(group, filled(values, edges, question.fill))
  }
  return result
}

function bucketValue(
  points: readonly OraclePoint[],
  fromMs: number,
  bucketStartMs: number,
  bucketEndMs: number,
  question: OracleQuestion,
): number | null {
  const { kind, aggregation, endMs, nowMs } = question
  const toMs = Math.min(bucketEndMs, endMs)
  const inside = points.filter(({ timeMs }) => timeMs >= fromMs && timeMs < toMs)
  if (kind === Kind.upDownCounter && ['avg', 'min', 'max', 'last'].includes(aggregation as string)) {
    const before = points.filter(({ timeMs }) => timeMs < toMs)
    if (before.length === 0 || (inside.length === 0 && bucketStartMs > nowMs)) return null
    return before.reduce((level, { value }) => level + value, 0)
  }
  if (inside.length === 0) return null
  const values = inside.map(({ value }) => value)
  const sum = values.reduce((a, b) => a + b, 0)
  if (question.isRatio) {
    const favoured = inside.filter(({ isFavoured }) => isFavoured).reduce((total, { value }) => total + value, 0)
    return sum > 0 ? favoured / sum : null
  }
  const seconds = Math.max(toMs - fromMs, Math.min(bucketEndMs - bucketStartMs, 1000)) / 1000
  const isHistogram = kind === Kind.histogram
  if (typeof aggregation === 'object') return exactQuantile(values, aggregation.quantile)
  switch (aggregation) {
    case 'sum':
      return sum
    case 'increase':
      return isHistogram ? values.length : sum
    case 'rate':
      return (isHistogram ? values.length : sum) / seconds
    case 'count':
      return values.length
    case 'avg':
      return sum / values.length
    case 'min':
      return Math.min(...values)
    case 'max':
      return Math.max(...values)
    case 'last':
      return inside.reduce((a, b) => (b.timeMs >= a.timeMs ? b : a)).value
    default:
      return exactQuantile(values, named[aggregation]!)
  }
}

/** Nearest rank. */
function exactQuantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1]!
}

function filled(values: (number | null)[], edges: readonly number[], fill: string): (number | null)[] {
  return values.map((value, i) => {
    if (value !== null || fill === 'none' || fill === 'null') return value
    if (fill === 'zero') return 0
    const left = values.findLastIndex((other, at) => at < i && other !== null)
    if (left < 0) return null
    if (fill === 'previous') return values[left]!
    const right = values.findIndex((other, at) => at > i && other !== null)
    if (right < 0) return null
    const part = (edges[i]! - edges[left]!) / (edges[right]! - edges[left]!)
    return values[left]! + part * (values[right]! - values[left]!)
  })
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** What a wall clock shows: date, time and weekday. */
export function wallClock(timeMs: number, timeZone: string): { date: string; time: string; weekday: string } {
  let format = formats.get(timeZone)
  if (format === undefined) {
    const digits = '2-digit'
    const fields = {
      year: 'numeric',
      month: digits,
      day: digits,
      hour: digits,
      minute: digits,
      second: digits,
    } as const
    format = new Intl.DateTimeFormat('en-GB', { timeZone, hourCycle: 'h23', weekday: 'short', ...fields })
    formats.set(timeZone, format)
  }
  const parts = new Map(format.formatToParts(timeMs).map(({ type, value }) => [type, value]))
  return {
    date: `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`,
    time: `${parts.get('hour')}:${parts.get('minute')}:${parts.get('second')}`,
    weekday: parts.get('weekday')!,
  }
}
