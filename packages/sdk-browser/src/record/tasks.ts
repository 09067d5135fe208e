/** Task runs: a function is run, and how it went is written down, without changing what its caller sees of it. */
import type { AttributeValue, Properties } from '@telltale/sdk-core'

/** The run, as the measured function sees it. */
export interface Task {
  readonly type: string
  /** The id that was given, or 16 hexadecimal digits. */
  readonly id: string
  /** Sets an attribute of the run; a later value of a key replaces an earlier one. */
  set(key: string, value: AttributeValue | Date): void
  /** Marks a named moment of the run, such as the end of a phase. At most 100 a run are kept. */
  step(name: string): void
}

export interface TaskOptions {
  /** Id of the run. Default: 16 hexadecimal digits. */
  id?: string
  /** Which attempt this is, from 1. Default: 1. */
  attempt?: number
  /** What to know about the run. Default: none. */
  attributes?: Properties
  /** Attributes that become tags of the built-in task metrics, beside those named in `init`. Default: none. */
  metricAttributes?: readonly string[]
  /** How long the task waited before this run. Default: unknown. */
  queueWaitMs?: number
  /** Id of the run that caused this one. Default: none. */
  parentId?: string
  /** Trace that the run belongs to. Default: none. */
  traceId?: string
}

const maxSteps = 100
const maxMessageLength = 1024
const maxTypeLength = 64

/** By the names that the platform gives: an aborted signal, and one that timed out. */
const statuses: Record<string, Run['status']> = { AbortError: 'cancelled', TimeoutError: 'timeout' }

/** A run that has ended, as `POST /v1/rows` takes it, but for its properties. */
export interface Run {
  type: string
  id: string
  start_ms: number
  duration_ms: number
  status: 'ok' | 'error' | 'timeout' | 'cancelled'
  error_type?: string
  attempt?: unknown
  parent_id?: unknown
  trace_id?: unknown
  queue_wait_ms?: unknown
  tags: readonly string[]
  steps: [name: string, offsetMs: number][]
}

/** Runs `work`, and hands its run to `finish`, now or when its promise settles. */
export function runTask<T>(
  type: string,
  work: (task: Task) => T,
  given: TaskOptions | undefined,
  freshId: () => string,
  finish: (run: Run, properties: Record<string, unknown>) => void,
): T {
  const options = copy(given)
  const properties: Record<string, unknown> = copy(options.attributes)
  const steps: Run['steps'] = []
  const id = String(options.id || freshId())
  const startMs = Date.now()
  // Durations are taken from the clock that never steps.
  const since = performance.now()
  const elapsedMs = (): number => performance.now() - since
  const end = (status: Run['status'], errorType?: string): void =>
    finish(
      {
        type: String(type),
        id,
        start_ms: startMs,
        duration_ms: elapsedMs(),
        status,
        error_type: errorType,
        attempt: options.attempt,
        parent_id: options.parentId,
        trace_id: options.traceId,
        queue_wait_ms: options.queueWaitMs,
        tags: options.metricAttributes ?? [],
        steps,
      },
      properties,
    )
  const fail = (thrown: unknown): void => {
    let status: Run['status'] | undefined
    let kind: string = typeof thrown
    try {
      const { name, code, message = thrown } = Object(thrown)
      status = statuses[name]
      // The most telling of name and code: a plain `Error` with a code is told by it.
      kind = `${(name !== 'Error' && name) || code || name || kind}`.slice(0, maxTypeLength)
      properties['error.message'] = `${message}`.slice(0, maxMessageLength)
    } catch {
      // A thrown value may be anything, getters that throw included.
    }
    end(status ?? 'error', kind)
  }

  let result: T
  try {
    result = work({
      type,
      id,
      set(key, value) {
        properties[key] = value
      },
      step(name) {
        if (steps.length < maxSteps) steps.push([String(name), elapsedMs()])
      },
    })
  } catch (thrown) {
    fail(thrown)
    throw thrown
  }
  if (typeof (result as PromiseLike<unknown> | undefined)?.then !== 'function') {
    end('ok')
    return result
  }
  // A promise of our own follows the host's, so that a rejection nobody handles is still reported as such.
  return Promise.resolve(result).then(
    (value) => {
      end('ok')
      return value
    },
    (thrown) => {
      fail(thrown)
      throw thrown
    },
  ) as T
}

/** Nothing where a getter throws: a run is worth more than its options. */
function copy<T extends object>(value: T | undefined): Partial<T> {
  try {
    return { ...value }
  } catch {
    return {}
  }
}
