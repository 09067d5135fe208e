/** What waits in a queue, what comes in, what goes out, and how long it waited: of BullMQ, or of any queue with a depth. */
import { SetupError } from '@telltale/sdk-core'
import { failuresOf } from '../shared/guard.js'
import { intervalOf } from '../shared/options.js'
import { poll } from '../shared/poll.js'
import { type InstrumentationOptions, type InstrumentTarget, type Stop, stopOnce, targetOf } from '../shared/target.js'
import { BullEventReader, type BullQueue } from './bullmq-events.js'

/** Any queue: how many wait, at once or by promise. */
export interface DepthQueue {
  depth(): number | Promise<number>
}

export interface QueueInstrumentOptions extends InstrumentationOptions {
  /** How often the queue is read, in milliseconds. Default: 5000. */
  intervalMs?: number
  /**
   * Of BullMQ: count what came in and went out, and measure waits, for all producers and workers together. Let one process
   * do it, or each job is counted several times. Default: true.
   */
  events?: boolean
}

/** Ends the instrument when called. Queues that are not BullMQ's say by its methods what happens in them. */
export interface QueueInstrument extends Stop {
  /** Jobs came in. Default: 1. */
  added(count?: number): void
  /** A job is begun, after it waited. */
  started(waitMs: number): void
  /** A job left the queue for good. Default: `done`. */
  finished(outcome?: 'done' | 'failed'): void
}

const where = 'instrumentQueue'
const defaultIntervalMs = 5000

/**
 * Gauges `task.queue.depth`, and of BullMQ `task.queue.active` and `task.queue.delayed`; the counters `task.queue.added`
 * and `task.throughput` (by `outcome`: done, failed); the histogram `task.queue.wait` in milliseconds. All by `queue`.
 */
export function instrumentQueue(
  name: string,
  queue: BullQueue | DepthQueue,
  options: QueueInstrumentOptions = {},
): QueueInstrument {
  if (typeof name !== 'string' || name === '') throw new SetupError('name', 'a name', name, where)
  if (!isBull(queue) && !isDepthQueue(queue)) {
    throw new SetupError('queue', 'a Queue of BullMQ, or an object with depth()', queue, where)
  }
  const intervalMs = intervalOf(where, 'intervalMs', options.intervalMs, defaultIntervalMs)
  const target = targetOf(options)
  const failed = failuresOf(where, options)
  const events = recorder(target, name)
  const level = (part: string, description: string) =>
    target.gauge(`task.queue.${part}`, { description }).with({ queue: name })
  const depth = level('depth', 'Jobs that wait.')
  const stops: (() => void)[] = []
  if (isBull(queue)) {
    const active = level('active', 'Jobs that are being worked on.')
    const delayed = level('delayed', 'Jobs whose time has not come yet.')
    stops.push(
      poll(intervalMs, 'counting jobs', failed, async (isStopped) => {
        const counts = await queue.getJobCounts()
        if (isStopped()) return
        const { waiting = 0, wait = waiting, prioritized = 0, paused = 0 } = counts
        depth.set(wait + prioritized + paused)
        active.set(counts.active ?? 0)
        delayed.set(counts.delayed ?? 0)
      }),
    )
    if (options.events ?? true) {
      const reader = new BullEventReader(queue, events)
      stops.push(poll(intervalMs, 'reading events', failed, (isStopped) => reader.read(isStopped)))
    }
  } else {
    stops.push(
      poll(intervalMs, 'reading the depth', failed, async (isStopped) => {
        const waiting = await queue.depth()
        if (!isStopped()) depth.set(waiting)
      }),
    )
  }
  return Object.assign(stopOnce(failed, stops), events)
}

function recorder(target: InstrumentTarget, queue: string): Pick<QueueInstrument, 'added' | 'started' | 'finished'> {
  const added = target.counter('task.queue.added', { description: 'Jobs that came in.' }).with({ queue })
  const wait = target
    .histogram('task.queue.wait', { unit: 'ms', description: 'How long jobs waited until they were begun.' })
    .with({ queue })
  const throughput = target.counter('task.throughput', { description: 'Jobs that left a queue for good.' })
  const out = {
    done: throughput.with({ queue, outcome: 'done' }),
    failed: throughput.with({ queue, outcome: 'failed' }),
  }
  return {
    added: (count = 1) => added.add(count),
    started: (waitMs) => wait.record(waitMs),
    // Plain JavaScript may say anything else.
    finished: (outcome = 'done') => (outcome === 'failed' ? out.failed : out.done).add(1),
  }
}

function isBull(queue: BullQueue | DepthQueue): queue is BullQueue {
  return typeof queue === 'object' && queue !== null && 'getJobCounts' in queue && 'toKey' in queue
}

function isDepthQueue(queue: BullQueue | DepthQueue): queue is DepthQueue {
  return typeof queue === 'object' && queue !== null && 'depth' in queue && typeof queue.depth === 'function'
}
