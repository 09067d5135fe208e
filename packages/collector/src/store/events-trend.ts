/** `eventsTrend`: events, or distinct users or sessions, by bucket and group, over hot rows and segments. */
import { DOUBLE, type DuckDBConnection } from '@duckdb/node-api'
import type { Duck } from './duck.js'
import { attributeSql, Bindings, conditionSql, int } from './sql.js'
import type { EventsTrend, EventsTrendRequest } from './store.js'

const COLUMNS = 'ts, name, user_id, org_id, session_id, attributes'

const MEASURE_SQL: Readonly<Record<EventsTrendRequest['measure'], string>> = {
  count: 'count(*)',
  users: 'count(DISTINCT user_id)',
  sessions: 'count(DISTINCT session_id)',
}

/** Keys that are columns of their own; every other key is an attribute. */
const COLUMN_KEYS: Readonly<Record<string, string>> = {
  event: 'name',
  'user.id': 'user_id',
  'org.id': 'org_id',
  'session.id': 'session_id',
}

/** `selects` read the columns that they are given, in the request's time range. */
export async function eventsTrend(
  duck: Duck,
  connection: DuckDBConnection,
  request: EventsTrendRequest,
  selects: (columns: string) => string[],
): Promise<EventsTrend> {
  const rows = selects(COLUMNS)
  const edges = request.edgesMs
  if (rows.length === 0 || edges.length < 2) return { groups: [], rows: [] }

  const bindings = new Bindings()
  const keySql = (key: string) =>
    Object.hasOwn(COLUMN_KEYS, key) ? COLUMN_KEYS[key] : attributeSql(bindings, 'attributes', key)
  const keys = request.groupBy.map((key, i) => `${keySql(key)} AS k${i}`)
  const where: string[] = []
  if (request.event !== undefined) where.push(`name = ${bindings.text(request.event)}`)
  for (const [key, condition] of Object.entries(request.filters)) {
    where.push(...conditionSql(bindings, keySql(key), condition))
  }
  const names = request.groupBy.map((_, i) => `k${i}`)
  const measure = MEASURE_SQL[request.measure]
  const picked = ['ts', 'user_id', 'session_id', ...keys].join(', ')
  const filtered = `SELECT ${picked} FROM (${rows.join(' UNION ALL ')}) ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''}`
  const matches = names.map((name) => `e.${name} IS NOT DISTINCT FROM g.${name}`).join(' AND ') || 'true'

  // Starts of buckets as rows; the last edge only ends the last bucket.
  const starts = { rows: edges.length - 1, columns: [edges] }
  return duck.withRows([{ name: 'bucket', type: DOUBLE }], starts, async (buckets) => {
    const result = await connection.run(
      `WITH e AS MATERIALIZED (${filtered}),
       ranked AS (
         SELECT ${[...names, `${measure} AS total`].join(', ')} FROM e ${groupBy(names)}
         ORDER BY ${['total DESC', ...names].join(', ')} LIMIT ${int(request.limit)}
       ),
       g AS (SELECT row_number() OVER (ORDER BY ${['total DESC', ...names].join(', ')}) - 1 AS grp, * FROM ranked)
       SELECT grp::INTEGER AS grp, bucket, (${measure})::DOUBLE AS value, ${names.map((n) => `any_value(g.${n})`).join(', ') || 'NULL'}
       FROM e JOIN g ON ${matches} ASOF JOIN ${buckets} ON e.ts >= bucket
       WHERE e.ts < ${int(Math.ceil(edges[edges.length - 1]))}
       GROUP BY grp, bucket ORDER BY grp, bucket`,
      bindings.values,
      bindings.types,
    )
    const trend: EventsTrend = { groups: [], rows: [] }
    const position = new Map<number, number>()
    for (const [group, bucketMs, value, ...texts] of await result.getRowsJS()) {
      let at = position.get(group as number)
      if (at === undefined) {
        at = trend.groups.length
        position.set(group as number, at)
        trend.groups.push(names.map((_, i) => texts[i] as string | null))
      }
      trend.rows.push({ group: at, bucketMs: bucketMs as number, value: value as number })
    }
    return trend
  })
}

function groupBy(names: readonly string[]): string {
  return names.length > 0 ? `GROUP BY ${names.join(', ')}` : ''
}
