import { expect, it } from 'vitest'
import { Telemetry } from './telemetry.js'

it('prints Prometheus text', () => {
  const telemetry = new Telemetry()
  const rejected = telemetry.counter('rejected_total', 'Rows, by reason.\nSecond line.')
  rejected.add(2, { reason: 'a "quoted" \\ one' })
  rejected.add(1, { reason: 'a "quoted" \\ one' })
  const seconds = telemetry.histogram('query_seconds', 'Time.', [0.1, 1])
  for (const value of [0.05, 0.1, 0.5, 7]) seconds.observe(value, { kind: 'tasks' })
  telemetry.reading('segments', 'gauge', 'Files.', () => 3)
  telemetry.reading('absent', 'gauge', 'Not known yet.', () => [])
  expect(telemetry.text()).toBe(`# HELP rejected_total Rows, by reason.\\nSecond line.
# TYPE rejected_total counter
rejected_total{reason="a \\"quoted\\" \\\\ one"} 3
# HELP query_seconds Time.
# TYPE query_seconds histogram
query_seconds_bucket{kind="tasks",le="0.1"} 2
query_seconds_bucket{kind="tasks",le="1"} 3
query_seconds_bucket{kind="tasks",le="+Inf"} 4
query_seconds_sum{kind="tasks"} 7.65
query_seconds_count{kind="tasks"} 4
# HELP segments Files.
# TYPE segments gauge
segments 3
# HELP absent Not known yet.
# TYPE absent gauge
`)
})
