/** Believable metrics and task runs for the development page. */
import type { TaskRun } from '@telltale/protocol/api'
import { FakeCollector } from '../src/testing/fake-collector.js'

const types = ['email.send', 'image.resize', 'invoice.render', 'report.build', 'webhook.deliver']

/** The same number for the same input, between 0 and 1. */
function noise(seed: number): number {
  const x = Math.sin(seed * 12.9898) * 43758.5453
  return x - Math.floor(x)
}

function smooth(timeMs: number, periodMs: number, seed: number): number {
  const i = Math.floor(timeMs / periodMs)
  const f = timeMs / periodMs - i
  const ease = f * f * (3 - 2 * f)
  return noise((i % 1e6) + seed) * (1 - ease) + noise((i % 1e6) + 1 + seed) * ease
}

export function demoCollector(): FakeCollector {
  const collector = new FakeCollector()
  const levels = [120, 480, 860, 1750, 260]
  collector.metrics.set('task.execution.duration', {
    groups: types.map((type) => ({ 'task.type': type })),
    stepMs: 12_000,
    unit: 'ms',
    signal: (t, g) => levels[g] * (0.7 + 0.5 * smooth(t, 400_000, g * 17) + 0.25 * noise(t / 12_000 + g)),
  })
  collector.metrics.set('task.execution.count', {
    groups: types.map((type) => ({ 'task.type': type })),
    stepMs: 60_000,
    unit: '1',
    signal: (t, g) => Math.round((60 / (g + 1)) * (0.4 + smooth(t, 900_000, g * 5) + 0.3 * noise(t / 60_000 + g * 3))),
  })
  collector.metrics.set('system.memory.usage', {
    groups: [{}],
    stepMs: 3_000,
    unit: 'By',
    signal: (t) => {
      const hole = (t / 60_000) % 15 > 6 && (t / 60_000) % 15 < 7.5
      return hole ? null : 3.1e8 + 1.6e8 * smooth(t, 180_000, 3) + 1e7 * noise(t / 3000)
    },
  })
  collector.metrics.set('system.cpu.utilization', {
    groups: [{ host: 'worker-1' }, { host: 'worker-2' }],
    stepMs: 3_000,
    unit: 'ratio',
    signal: (t, g) => 0.25 + 0.5 * smooth(t, 90_000, 9 + g * 31) + 0.08 * noise(t / 3000 + g),
  })
  collector.metrics.set('hosts', {
    groups: Array.from({ length: 24 }, (_, i) => ({ host: `eu-central-1-worker-${i + 1}.internal` })),
    stepMs: 10_000,
    unit: 'percent',
    signal: (t, g) => 20 + 3 * g + 10 * smooth(t, 120_000, g * 13),
  })
  collector.annotations = [
    { time: Date.now() - 38 * 60_000, title: 'Deploy 1.4.0', severity: 'good' },
    { time: Date.now() - 22 * 60_000, end: Date.now() - 14 * 60_000, title: 'Incident', text: 'SMTP relay slow' },
  ]
  collector.metrics.set('task.success.rate', {
    groups: [{}],
    stepMs: 12_000,
    unit: 'ratio',
    signal: (t) => 0.985 + 0.012 * smooth(t, 600_000, 40),
  })
  collector.metrics.set('task.queue.depth', {
    groups: [{}],
    stepMs: 12_000,
    unit: '1',
    signal: (t) => Math.round(140 * smooth(t, 500_000, 77) ** 2 + 8 * noise(t / 12_000)),
  })
  collector.metrics.set('revenue', {
    groups: [{}],
    stepMs: 12_000,
    unit: 'EUR',
    signal: (t) => 18_400 * (0.9 + 0.2 * smooth(t, 1_200_000, 5)),
  })
  const more = [...types, 'pdf.render', 'search.index', 'user.import', 'cache.warm']
  collector.metrics.set('tasks.by.type', {
    groups: more.map((type) => ({ 'task.type': type })),
    stepMs: 60_000,
    unit: '1',
    signal: (t, g) => (4200 / (g + 1.4)) * (0.9 + 0.2 * smooth(t, 900_000, g * 5)),
  })
  const regions = ['eu-west', 'us-east', 'ap-south', 'sa-east']
  const statuses = ['ok', 'error', 'timeout']
  collector.metrics.set('tasks.by.region', {
    groups: regions.flatMap((region) => statuses.map((status) => ({ region, status }))),
    stepMs: 60_000,
    unit: '1',
    signal: (t, g) => (2400 / (Math.floor(g / 3) + 1)) * [1, 0.14, 0.06][g % 3] * (0.8 + 0.4 * smooth(t, 900_000, g)),
  })
  const nowMs = Date.now()
  for (let i = 40; i > 0; i--) collector.tasks.unshift(demoTask(i, nowMs - i * 7_300))
  return collector
}

export function demoTask(n: number, endMs: number): TaskRun {
  const type = types[Math.floor(noise(n * 3.7) * types.length)]
  const status = n % 9 === 0 ? 'error' : n % 23 === 0 ? 'timeout' : n % 31 === 0 ? 'cancelled' : 'ok'
  const durationMs = Math.round((40 + 2400 * noise(n * 1.3) ** 3) * (status === 'timeout' ? 4 : 1))
  const failed = status === 'error' || status === 'timeout'
  return {
    task_id: `01HZX${(n * 7919).toString(36).toUpperCase().padStart(6, '0')}Q8`,
    task_type: type,
    start_time: new Date(endMs - durationMs).toISOString(),
    end_time: new Date(endMs).toISOString(),
    duration_ms: durationMs,
    status,
    cpu_usage_percent: 41,
    cpu_time_ms: durationMs * 0.41,
    cpu_method: 'exclusive',
    memory_usage_mb: 12.4,
    queue_wait_ms: 18 + Math.round(90 * noise(n)),
    error_type: status === 'error' ? 'SmtpError' : status === 'timeout' ? 'TimeoutError' : null,
    error_message: failed
      ? status === 'error'
        ? '421 4.7.0 mx2.example.com: too many connections, try again later'
        : 'No answer within 10 s'
      : null,
    attempt: status === 'error' ? 2 : 1,
    parent_id: null,
    trace_id: null,
    context: { queue: 'mail', 'org.id': 'acme', template: 'welcome-v3', bytes: 18_240 },
    steps: [
      { name: 'loaded', offset_ms: durationMs * 0.12 },
      { name: 'rendered', offset_ms: durationMs * 0.46 },
      { name: 'sent', offset_ms: durationMs * 0.9 },
    ],
  }
}
