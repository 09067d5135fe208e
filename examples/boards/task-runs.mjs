/**
 * A board written in code and kept beside the application: made, then changed.
 * Run: TELLTALE_API_KEY=… node examples/boards/task-runs.mjs [endpoint]     (a key of scope admin)
 */
import { DashboardBuilder } from '@telltale/widgets'

const endpoint = process.argv[2] ?? 'http://127.0.0.1:8000'
const builder = new DashboardBuilder({ endpoint, token: process.env.TELLTALE_API_KEY })
  .named('Task runs', 'Made by examples/boards/task-runs.mjs')
  .range('6h')
  .refreshEvery('5s')
  .filterBy('task.type', { label: 'Task' })
  .card('task.execution.count', { title: 'Runs', aggregation: 'count' })
  .card('task.execution.duration', { title: 'p95', aggregation: 'p95' })
  .card('task.success.rate', { title: 'Success' })
  .row()
  .chart('task.execution.duration', { title: 'Slowest', aggregation: 'p95', group_by: ['task.type'] }, { w: 8 })
  .bar('task.execution.count', { title: 'Runs by task', aggregation: 'sum', group_by: ['task.type'] }, { w: 4 })

const { id } = await builder.createDashboard()
await builder.updateWidget('chart-1', { chartType: 'area' })
await builder.addWidget({ type: 'tasks', config: { title: 'Last runs' } })
builder.close()
console.log(`${endpoint}/dashboards/${id}`)
