/** Boards of HTTP services, and of the machines, runtimes and databases under them. */
import { by, template, widget } from './template.js'

const http = 'http.server.request.duration'
const database = 'db.client.operation.duration'
const fromSystem = 'systemMetrics() of the Node SDK'

export const api = template({
  id: 'api',
  name: 'API',
  description: 'Rate, errors and duration of HTTP requests by route.',
  tags: ['api'],
  needs: [{ metric: http, from: 'instrumentHttp() of the Node SDK' }],
  filters: [{ tag: 'http.route', label: 'Route' }],
  widgets: [
    widget('card', [0, 0, 3, 3], 'Requests a second', http, 'rate'),
    widget('card', [3, 0, 3, 3], 'Server errors a second', http, 'rate', {
      filters: { 'http.response.status_code': { prefix: '5' } },
      better: 'down',
    }),
    widget('card', [6, 0, 3, 3], 'Duration, p50', http, 'p50', { better: 'down' }),
    widget('card', [9, 0, 3, 3], 'Duration, p99', http, 'p99', { better: 'down' }),
    widget('chart', [0, 3, 6, 6], 'Duration by route, p95', http, 'p95', by('http.route')),
    widget('chart', [6, 3, 6, 6], 'Requests a second by status', http, 'rate', {
      ...by('http.response.status_code'),
      chartType: 'stacked',
    }),
    widget('heatmap', [0, 9, 6, 6], 'How durations are spread', http),
    widget('table', [6, 9, 6, 6], 'Routes', http, 'p95', by('http.route', 'http.request.method')),
  ],
})

export const system = template({
  id: 'system',
  name: 'System and databases',
  description: 'CPU, memory, disk and network of hosts and processes; PostgreSQL and Redis as your code sees them.',
  tags: ['system'],
  needs: [
    { metric: 'system.cpu.utilization', from: fromSystem },
    { metric: database, from: 'instrumentPg() and instrumentRedis() of the Node SDK' },
  ],
  filters: [{ tag: 'service', label: 'Service' }],
  widgets: [
    widget('gauge', [0, 0, 3, 4], 'CPU', 'system.cpu.utilization', 'avg', {
      unit: 'ratio',
      range: '5m',
      thresholds: '0.7:warning,0.9:critical',
      max: 1,
    }),
    widget('gauge', [3, 0, 3, 4], 'Memory', 'system.memory.utilization', 'avg', {
      unit: 'ratio',
      range: '5m',
      thresholds: '0.8:warning,0.95:critical',
      max: 1,
    }),
    widget('chart', [6, 0, 6, 4], 'CPU over time', 'system.cpu.utilization', 'avg', {
      unit: 'ratio',
      chartType: 'area',
    }),
    widget('chart', [0, 4, 6, 5], 'Memory of processes', 'process.memory.usage', 'avg', by('service')),
    widget('chart', [6, 4, 6, 5], 'Event-loop delay, p99', 'nodejs.eventloop.delay.p99', 'max', by('service')),
    widget('chart', [0, 9, 6, 5], 'Disk', 'system.disk.io', 'rate', by('disk.io.direction')),
    widget('chart', [6, 9, 6, 5], 'Network', 'system.network.io', 'rate', by('network.io.direction')),
    widget('chart', [0, 14, 6, 6], 'Database calls, p95', database, 'p95', by('db.system.name', 'db.operation.name')),
    widget('chart', [6, 14, 6, 6], 'Connections by state', 'db.client.connection.count', 'avg', {
      ...by('db.client.connection.state'),
      chartType: 'stacked',
    }),
    widget('card', [0, 20, 4, 3], 'Redis hit ratio', 'redis.keyspace.hit_ratio', 'avg', {
      unit: 'ratio',
      better: 'up',
    }),
    widget('card', [4, 20, 4, 3], 'Redis memory', 'redis.memory.used', 'last'),
    widget('card', [8, 20, 4, 3], 'Waiting for a connection', 'db.client.connection.pending_requests', 'max', {
      better: 'down',
    }),
  ],
})
