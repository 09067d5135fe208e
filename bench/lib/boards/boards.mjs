/** Boards for `bench/boards.mjs`: twenty widgets of every kind over a month, and twenty live charts. */
const level = { metric: 'bench.level', aggregation: 'avg' }
const latency = { metric: 'bench.latency', aggregation: 'p95' }

/** Rows from the top; each fills twelve columns. */
function placed(rows) {
  let y = 0
  return rows.flatMap((row) => {
    const top = y
    y += row[0].h
    let x = 0
    return row.map(({ type, w, h, config }, i) => {
      const widget = { id: `w${top}-${i}`, type, position: { x, y: top, w, h }, config }
      x += w
      return widget
    })
  })
}

const card = (title, config) => ({ type: 'card', w: 2, h: 3, config: { title, ...config } })
const chart = (title, chartType, config, w = 4) => ({
  ...{ type: 'chart', w, h: 4 },
  config: { title, chartType, ...config },
})

export const monthBoard = {
  name: 'A month of tasks',
  time_range: { start: 'now-30d', end: 'now' },
  refreshInterval: '1m',
  widgets: placed([
    [
      card('p95', latency),
      card('p50', { ...latency, aggregation: 'p50' }),
      card('Runs', { ...latency, aggregation: 'count' }),
      card('Level', level),
      card('Highest', { ...level, aggregation: 'max' }),
      card('Failed', { ...latency, aggregation: 'count', filters: { status: 'error' } }),
    ],
    [
      chart('p95 by type', 'line', { ...latency, group_by: ['task_type'] }, 6),
      chart('Runs by region', 'stacked', { ...latency, aggregation: 'count', group_by: ['region'] }, 6),
    ],
    [
      chart('Level by region', 'area', { ...level, group_by: ['region'] }),
      chart('p99', 'line', { ...latency, aggregation: 'p99' }),
      chart('Runs by status', 'bar', { ...latency, aggregation: 'count', group_by: ['status'], step: '1d' }),
    ],
    [
      { type: 'bar', w: 4, h: 5, config: { title: 'Slowest types', ...latency, group_by: ['task_type'], limit: 8 } },
      { type: 'pie', w: 4, h: 5, config: { title: 'Regions', ...latency, aggregation: 'count', group_by: ['region'] } },
      { type: 'gauge', w: 2, h: 5, config: { title: 'Level', ...level, thresholds: '90:warning,120:critical' } },
      { type: 'gauge', w: 2, h: 5, config: { title: 'p95', ...latency, thresholds: '100:warning,200:critical' } },
    ],
    [
      { type: 'table', w: 6, h: 5, config: { title: 'Types', ...latency, group_by: ['task_type'] } },
      { type: 'heatmap', w: 6, h: 5, config: { title: 'How latencies are spread', metric: 'bench.latency' } },
    ],
    [
      chart('Lowest level', 'line', { ...level, aggregation: 'min' }),
      chart('Highest level', 'line', { ...level, aggregation: 'max' }),
      chart('Level of one host', 'area', { ...level, filters: { host: 'host-1' } }),
    ],
  ]),
}

export const liveBoard = {
  name: 'Live',
  time_range: { start: 'now-5m', end: 'now' },
  refreshInterval: 1,
  widgets: placed(
    Array.from({ length: 5 }, (_, row) =>
      Array.from({ length: 4 }, (_, at) => {
        const type = ['line', 'area', 'stacked', 'line'][at]
        const filters = { task_type: `type-${row * 4 + at}` }
        return chart(`Type ${row * 4 + at}`, type, { ...level, group_by: ['region'], filters }, 3)
      }),
    ),
  ),
}
