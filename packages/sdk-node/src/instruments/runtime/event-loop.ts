/** How late the event loop runs, and how busy it is. */
import { type IntervalHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { failuresOf } from '../shared/guard.js'
import { intervalOf } from '../shared/options.js'
import { poll } from '../shared/poll.js'
import { type InstrumentationOptions, type InstrumentTarget, type Stop, stopOnce, targetOf } from '../shared/target.js'

export interface EventLoopMetricsOptions extends InstrumentationOptions {
  /** How often the gauges are set, in milliseconds. Default: 5000. */
  intervalMs?: number
  /** How often Node looks at its clock, in milliseconds: delays shorter than this are seen in part only. Default: 20. */
  resolutionMs?: number
}

const defaultIntervalMs = 5000
const defaultResolutionMs = 20

/**
 * Gauges of each interval: `nodejs.eventloop.delay.{min,mean,p50,p90,p99,max}` in seconds and
 * `nodejs.eventloop.utilization` from 0 to 1.
 */
export function eventLoopMetrics(options: EventLoopMetricsOptions = {}): Stop {
  const name = 'eventLoopMetrics'
  const intervalMs = intervalOf(name, 'intervalMs', options.intervalMs, defaultIntervalMs)
  const resolutionMs = resolutionOf(name, options.resolutionMs)
  const failed = failuresOf(name, options)
  const delay = monitorEventLoopDelay({ resolution: resolutionMs })
  const read = reader(targetOf(options), delay, resolutionMs)
  delay.enable()
  const stopPolling = poll(intervalMs, 'reading the event loop', failed, read)
  return stopOnce(failed, [() => delay.disable(), stopPolling])
}

function reader(target: InstrumentTarget, delay: IntervalHistogram, resolutionMs: number): () => void {
  const gauge = (part: string, description: string) =>
    target.gauge(`nodejs.eventloop.delay.${part}`, { unit: 's', description })
  const min = gauge('min', 'Least delay of the event loop in an interval.')
  const mean = gauge('mean', 'Mean delay of the event loop in an interval.')
  const p50 = gauge('p50', 'Median delay of the event loop in an interval.')
  const p90 = gauge('p90', 'Delay of the event loop that 90 % of the ticks stayed below.')
  const p99 = gauge('p99', 'Delay of the event loop that 99 % of the ticks stayed below.')
  const max = gauge('max', 'Greatest delay of the event loop in an interval.')
  const utilization = target.gauge('nodejs.eventloop.utilization', {
    unit: '1',
    description: 'Share of the time in which the event loop was busy.',
  })
  // Node measures from tick to tick of its timer: what goes beyond the timer's own interval is delay.
  const seconds = (nanoseconds: number) => Math.max(0, nanoseconds / 1e9 - resolutionMs / 1e3)
  let before = performance.eventLoopUtilization()
  return () => {
    // Nothing was seen yet, or no tick fell into the interval: an empty histogram has a nonsensical minimum.
    if (delay.count > 0) {
      min.set(seconds(delay.min))
      mean.set(seconds(delay.mean))
      p50.set(seconds(delay.percentile(50)))
      p90.set(seconds(delay.percentile(90)))
      p99.set(seconds(delay.percentile(99)))
      max.set(seconds(delay.max))
      delay.reset()
    }
    const now = performance.eventLoopUtilization()
    utilization.set(performance.eventLoopUtilization(now, before).utilization)
    before = now
  }
}

function resolutionOf(instrument: string, value: unknown): number {
  return Math.round(intervalOf(instrument, 'resolutionMs', value, defaultResolutionMs, 1, 1000))
}
