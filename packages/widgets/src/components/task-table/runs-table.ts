/** Task runs as the columns of a file, under the names of the API. */
import type { TaskRun } from '@telltale/protocol/api'
import type { ExportTable } from '../../export/table.js'

export function runsTable(title: string, runs: readonly TaskRun[]): ExportTable {
  const text = (name: keyof TaskRun) => ({
    name,
    kind: 'text' as const,
    values: runs.map((run) => run[name] as string),
  })
  const number = (name: keyof TaskRun, unit: string) => ({
    name,
    kind: 'number' as const,
    unit,
    values: runs.map((run) => run[name] as number | null),
  })
  const time = (name: 'start_time' | 'end_time') => ({
    name,
    kind: 'time' as const,
    values: runs.map((run) => Date.parse(run[name])),
  })
  return {
    title,
    columns: [
      text('task_id'),
      text('task_type'),
      time('start_time'),
      time('end_time'),
      number('duration_ms', 'ms'),
      text('status'),
      number('attempt', '1'),
      number('queue_wait_ms', 'ms'),
      number('cpu_time_ms', 'ms'),
      number('memory_usage_mb', 'MB'),
      text('error_type'),
      text('error_message'),
      text('parent_id'),
    ],
  }
}
