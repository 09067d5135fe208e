/** Boards of task runs and of the queues that they wait in. */
import { by, template, widget } from './template.js'

const tasks = 'withTaskMetrics() of the Node or browser SDK'
const queues = 'instrumentQueue() of the Node SDK'
const count = 'task.execution.count'
const duration = 'task.execution.duration'

export const taskOverview = template({
  id: 'task-overview',
  name: 'Task overview',
  description: 'How many tasks run, how long they take, how many fail and why.',
  tags: ['tasks'],
  needs: [
    { metric: count, from: tasks },
    { metric: duration, from: tasks },
  ],
  filters: [{ tag: 'task.type', label: 'Task type' }],
  widgets: [
    widget('card', [0, 0, 3, 3], 'Runs a second', count, 'rate'),
    widget('card', [3, 0, 3, 3], 'Success', 'task.success.rate', 'avg', { unit: 'ratio', better: 'up' }),
    widget('card', [6, 0, 3, 3], 'Duration, p95', duration, 'p95', { better: 'down' }),
    widget('card', [9, 0, 3, 3], 'Failures a second', count, 'rate', {
      filters: { status: { in: ['error', 'timeout'] } },
      better: 'down',
    }),
    widget('chart', [0, 3, 8, 6], 'Duration by type, p95', duration, 'p95', by('task.type')),
    widget('pie', [8, 3, 4, 6], 'Runs by outcome', count, 'sum', by('status')),
    widget('chart', [0, 9, 6, 6], 'Runs a second by type', count, 'rate', { ...by('task.type'), chartType: 'stacked' }),
    widget('heatmap', [6, 9, 6, 6], 'How durations are spread', duration),
    widget('bar', [0, 15, 4, 7], 'Failures by error', count, 'sum', {
      ...by('error.type'),
      filters: { 'error.type': { exists: true } },
    }),
    widget('tasks', [4, 15, 8, 7], 'Latest runs', ''),
  ],
})

export const queueHealth = template({
  id: 'queue-health',
  name: 'Queue health',
  description: 'Whether workers keep up: depth, throughput and waiting time of each queue.',
  tags: ['queues'],
  needs: [
    { metric: 'task.queue.depth', from: queues },
    { metric: 'task.throughput', from: queues },
  ],
  filters: [{ tag: 'queue', label: 'Queue' }],
  widgets: [
    widget('card', [0, 0, 4, 3], 'Most that waited', 'task.queue.depth', 'max', { better: 'down' }),
    widget('card', [4, 0, 4, 3], 'Jobs a second', 'task.throughput', 'rate'),
    widget('card', [8, 0, 4, 3], 'Wait, p95', 'task.queue.wait', 'p95', { better: 'down' }),
    widget('chart', [0, 3, 12, 5], 'Waiting by queue', 'task.queue.depth', 'max', {
      ...by('queue'),
      chartType: 'area',
    }),
    widget('chart', [0, 8, 6, 6], 'Jobs a second by queue', 'task.throughput', 'rate', by('queue')),
    widget('chart', [6, 8, 6, 6], 'Wait by queue, p95', 'task.queue.wait', 'p95', by('queue')),
    widget('table', [0, 14, 6, 6], 'Queues', 'task.queue.depth', 'max', by('queue')),
    widget('chart', [6, 14, 6, 6], 'Duration by task, p95', duration, 'p95', by('task.type')),
  ],
})
