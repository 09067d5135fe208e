/** Bodies that work as they stand, by operation: in OpenAPI, and in the `curl` lines of `/docs`. */

const lastHour = { start: 'now-1h', end: 'now' }

const board = {
  name: 'Mail',
  widgets: [
    {
      id: 'duration',
      type: 'chart',
      position: { x: 0, y: 0, w: 12, h: 6 },
      config: {
        title: 'Duration by type',
        metric: 'task.execution.duration',
        aggregation: 'p95',
        group_by: ['task.type'],
      },
    },
  ],
}

const annotation = { title: 'Deploy 1.4', text: 'by CI', severity: 'good', tags: { service: 'billing' } }

export const examples: Readonly<Record<string, unknown>> = {
  postRows: {
    batch_id: '0192e6a4c8d24b7f9a41d0c35e7b8f60',
    stream_id: '5b0f6a4c8d24b7f9a41d0c35e7b8f601',
    sequence: 1,
    sent_ms: 1774000000000,
    start_ms: 1773999999000,
    end_ms: 1774000000000,
    resource: { service: 'shop' },
    events: [{ name: 'page.view', time_ms: 1773999999500 }],
  },
  postEvents: { events: [{ name: 'invoice.paid', user_id: 'u1', org_id: 'acme', attributes: { amount: 42 } }] },
  postMetricsQuery: {
    metric_name: 'task.execution.duration',
    aggregation: 'p95',
    group_by: ['task.type'],
    filters: { status: 'ok' },
    time_range: lastHour,
    step: '1m',
  },
  postMetricsBatch: {
    queries: [
      { id: 'runs', query: { metric_name: 'task.execution.count', aggregation: 'rate', time_range: lastHour } },
      { id: 'success', query: { metric_name: 'task.success.rate', time_range: lastHour } },
    ],
  },
  postMetricsHistogram: { metric_name: 'task.execution.duration', time_range: lastHour, rows: 24 },
  postTasksQuery: { status: 'error', search: 'timeout', sort: 'duration_ms', limit: 20 },
  postEventsQuery: {
    kind: 'trend',
    event: 'invoice.paid',
    measure: 'users',
    time_range: { start: 'now-7d' },
    step: '1d',
  },
  postDefinitions: {
    name: 'orders.conversion',
    kind: 'gauge',
    unit: 'percent',
    expression: 'orders.paid / orders.started * 100',
  },
  putDefinitionsName: {
    name: 'orders.conversion',
    kind: 'gauge',
    unit: 'percent',
    expression: 'orders.paid / orders.started * 100',
  },
  putRetention: {
    rules: [
      { prefix: '', raw: '90d', '1h': '1825d' },
      { prefix: 'debug.', raw: '7d', '1m': '7d' },
    ],
  },
  postDashboards: board,
  postDashboardsImport: { format: 'telltale.dashboard', format_version: 1, dashboard: board },
  putDashboardsId: board,
  postDashboardsIdDuplicate: { name: 'Mail, copy' },
  postAnnotations: annotation,
  putAnnotationsId: { ...annotation, end: 'now+10m' },
  postEmbedTokens: { metrics: ['task.*'], filters: { 'org.id': 'acme' }, max_range: '1h', ttl: '15m' },
  postKeys: { scope: 'read' },
}
