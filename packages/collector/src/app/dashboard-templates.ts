/** Ready-made dashboards, as data: each names the metrics that it needs and what sends them. */
import type { DashboardTemplate } from '@telltale/protocol/api'

type Widget = Record<string, unknown>
type Cells = readonly [x: number, y: number, w: number, h: number]

function widget(id: string, type: string, [x, y, w, h]: Cells, config: Widget): Widget {
  return { id, type, position: { x, y, w, h }, config }
}

const tasks = 'withTaskMetrics() of the Node or browser SDK'
const queues = 'instrumentQueue() of the Node SDK'
const http = 'instrumentHttp() of the Node SDK'

export const dashboardTemplates: readonly DashboardTemplate[] = [
  {
    id: 'task-overview',
    name: 'Task overview',
    description: 'How many tasks run, how long they take, how many fail and why.',
    needs: [
      { metric: 'task.execution.count', from: tasks },
      { metric: 'task.execution.duration', from: tasks },
    ],
    dashboard: {
      name: 'Task overview',
      description: 'How many tasks run, how long they take, how many fail and why.',
      tags: ['tasks'],
      time_range: { start: 'now-1h', end: 'now' },
      refreshInterval: '5s',
      filters: [{ tag: 'task.type', label: 'Task type' }],
      widgets: [
        widget('runs', 'card', [0, 0, 3, 3], {
          title: 'Runs a second',
          metric: 'task.execution.count',
          aggregation: 'rate',
        }),
        widget('success', 'card', [3, 0, 3, 3], {
          title: 'Success',
          metric: 'task.success.rate',
          aggregation: 'avg',
          unit: 'ratio',
        }),
        widget('p95', 'card', [6, 0, 3, 3], {
          title: 'p95 duration',
          metric: 'task.execution.duration',
          aggregation: 'p95',
        }),
        widget('errors', 'card', [9, 0, 3, 3], {
          title: 'Errors a second',
          metric: 'task.execution.count',
          aggregation: 'rate',
          filters: { status: { in: ['error', 'timeout'] } },
        }),
        widget('duration', 'chart', [0, 3, 8, 6], {
          title: 'p95 duration by type',
          metric: 'task.execution.duration',
          aggregation: 'p95',
          group_by: ['task.type'],
          chartType: 'line',
        }),
        widget('status', 'pie', [8, 3, 4, 6], {
          title: 'Runs by outcome',
          metric: 'task.execution.count',
          aggregation: 'sum',
          group_by: ['status'],
        }),
        widget('throughput', 'chart', [0, 9, 6, 6], {
          title: 'Runs a second by type',
          metric: 'task.execution.count',
          aggregation: 'rate',
          group_by: ['task.type'],
          chartType: 'stacked',
        }),
        widget('heat', 'heatmap', [6, 9, 6, 6], { title: 'Durations', metric: 'task.execution.duration' }),
        widget('failures', 'bar', [0, 15, 4, 7], {
          title: 'Errors by type',
          metric: 'task.execution.count',
          aggregation: 'sum',
          group_by: ['error.type'],
          filters: { 'error.type': { exists: true } },
        }),
        widget('latest', 'tasks', [4, 15, 8, 7], { title: 'Latest runs' }),
      ],
    },
  },
  {
    id: 'queue-health',
    name: 'Queue health',
    description: 'Whether workers keep up: depth, throughput and waiting time of each queue.',
    needs: [
      { metric: 'task.queue.depth', from: queues },
      { metric: 'task.throughput', from: queues },
    ],
    dashboard: {
      name: 'Queue health',
      description: 'Whether workers keep up: depth, throughput and waiting time of each queue.',
      tags: ['queues'],
      time_range: { start: 'now-1h', end: 'now' },
      refreshInterval: '5s',
      filters: [{ tag: 'queue', label: 'Queue' }],
      widgets: [
        widget('depth-now', 'gauge', [0, 0, 3, 4], {
          title: 'Waiting now',
          metric: 'task.queue.depth',
          aggregation: 'last',
        }),
        widget('depth', 'chart', [3, 0, 9, 4], {
          title: 'Depth by queue',
          metric: 'task.queue.depth',
          aggregation: 'max',
          group_by: ['queue'],
          chartType: 'area',
        }),
        widget('throughput', 'chart', [0, 4, 6, 6], {
          title: 'Jobs a second by queue',
          metric: 'task.throughput',
          aggregation: 'rate',
          group_by: ['queue'],
          chartType: 'line',
        }),
        widget('duration', 'chart', [6, 4, 6, 6], {
          title: 'p95 duration by task',
          metric: 'task.execution.duration',
          aggregation: 'p95',
          group_by: ['task.type'],
          chartType: 'line',
        }),
        widget('queues', 'table', [0, 10, 12, 6], {
          title: 'Queues',
          metric: 'task.queue.depth',
          aggregation: 'max',
          group_by: ['queue'],
        }),
      ],
    },
  },
  {
    id: 'api',
    name: 'API',
    description: 'Rate, errors and duration of HTTP requests by route.',
    needs: [{ metric: 'http.server.request.duration', from: http }],
    dashboard: {
      name: 'API',
      description: 'Rate, errors and duration of HTTP requests by route.',
      tags: ['api'],
      time_range: { start: 'now-1h', end: 'now' },
      refreshInterval: '5s',
      filters: [{ tag: 'http.route', label: 'Route' }],
      widgets: [
        widget('rate', 'card', [0, 0, 4, 3], {
          title: 'Requests a second',
          metric: 'http.server.request.duration',
          aggregation: 'rate',
        }),
        widget('errors', 'card', [4, 0, 4, 3], {
          title: 'Server errors a second',
          metric: 'http.server.request.duration',
          aggregation: 'rate',
          filters: { 'http.response.status_code': { prefix: '5' } },
        }),
        widget('p99', 'card', [8, 0, 4, 3], {
          title: 'p99 duration',
          metric: 'http.server.request.duration',
          aggregation: 'p99',
        }),
        widget('duration', 'chart', [0, 3, 6, 6], {
          title: 'p95 duration by route',
          metric: 'http.server.request.duration',
          aggregation: 'p95',
          group_by: ['http.route'],
          chartType: 'line',
        }),
        widget('by-status', 'chart', [6, 3, 6, 6], {
          title: 'Requests a second by status',
          metric: 'http.server.request.duration',
          aggregation: 'rate',
          group_by: ['http.response.status_code'],
          chartType: 'stacked',
        }),
        widget('heat', 'heatmap', [0, 9, 6, 6], { title: 'Durations', metric: 'http.server.request.duration' }),
        widget('routes', 'table', [6, 9, 6, 6], {
          title: 'Routes',
          metric: 'http.server.request.duration',
          aggregation: 'p95',
          group_by: ['http.route', 'http.request.method'],
        }),
      ],
    },
  },
]
