/** What garbage collection costs. */
import { constants, PerformanceObserver } from 'node:perf_hooks'
import { failuresOf } from '../shared/guard.js'
import { type InstrumentationOptions, type Stop, stopOnce, targetOf } from '../shared/target.js'

export type GcMetricsOptions = InstrumentationOptions

const types = new Map<number, string>([
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weakcb'],
])

/** The histogram `v8js.gc.duration` in seconds, by `v8js.gc.type`: minor, major, incremental, weakcb. */
export function gcMetrics(options: GcMetricsOptions = {}): Stop {
  const failed = failuresOf('gcMetrics', options)
  const duration = targetOf(options).histogram('v8js.gc.duration', {
    unit: 's',
    description: 'Duration of garbage collections.',
    attributes: ['v8js.gc.type'],
  })
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { kind } = (entry as { detail?: { kind?: number } }).detail ?? {}
      duration.record(entry.duration / 1e3, { 'v8js.gc.type': types.get(kind ?? -1) ?? 'other' })
    }
  })
  observer.observe({ entryTypes: ['gc'] })
  return stopOnce(failed, [() => observer.disconnect()])
}
