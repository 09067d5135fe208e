/** The metrics that the collector itself derives from task runs: their names, kinds and units. */
import { Kind, type KindCode } from '@telltale/protocol'

export interface BuiltInMetric {
  name: string
  kind: KindCode
  unit: string
  description: string
}

export const taskMetrics = {
  duration: {
    name: 'task.execution.duration',
    kind: Kind.histogram,
    unit: 'ms',
    description: 'Time that a task run took.',
  },
  count: { name: 'task.execution.count', kind: Kind.counter, unit: '', description: 'Finished task runs.' },
  cpuTime: { name: 'task.cpu.time', kind: Kind.histogram, unit: 'ms', description: 'CPU time of a task run.' },
  cpuUsage: {
    name: 'task.cpu.usage',
    kind: Kind.gauge,
    unit: 'percent',
    description: 'CPU time of a task run as a share of its duration.',
  },
  memoryUsage: {
    name: 'task.memory.usage',
    kind: Kind.gauge,
    unit: 'MB',
    description: 'Memory of the process when a task run ended.',
  },
  queueWait: {
    name: 'task.queue.wait',
    kind: Kind.histogram,
    unit: 'ms',
    description: 'Time that a task waited before its run started.',
  },
} as const satisfies Record<string, BuiltInMetric>

const kinds: ReadonlyMap<string, KindCode> = new Map(Object.values(taskMetrics).map(({ name, kind }) => [name, kind]))

/** The kind that a built-in metric has whoever sends it, so that nobody can take its name for something else. */
export function reservedKind(metric: string): KindCode | undefined {
  return kinds.get(metric)
}

/** Names that exist only in answers: nothing can be stored under them. */
export const virtualMetrics: ReadonlySet<string> = new Set(['task.success.rate'])
