/** One task run from the inside: what `withTaskMetrics` hands to the function that it measures. */
import type { AttributeValue, Properties } from '../attributes.js'
import type { CpuMode } from '../options.js'
import { isName, maxNameBytes, truncate } from '../text.js'
import { RunDeadline } from './run-deadline.js'
import type { CpuReading, CpuStart, SliceAccount } from './task-resources.js'
import { formatTraceparent, isSpanId, newTrace, parseTraceparent, type Trace } from './trace.js'

/** The run, as the measured function sees it. */
export interface Task {
  readonly type: string
  /** The id that was given, or 16 hexadecimal digits. */
  readonly id: string
  /** Aborted when `timeoutMs` has passed or the option `signal` aborts: hand it to what the run waits for. */
  readonly signal: AbortSignal
  /** The W3C header that names this run as the caller, for requests and jobs that it makes. */
  readonly traceparent: string
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
  /** Default: the option `cpu` of `init`. */
  cpu?: CpuMode
  /** When the task was put into its queue, as a `Date` or in Unix milliseconds; the wait until now is recorded. */
  queuedAt?: Date | number
  /** How long the task waited in a queue before this run; goes before `queuedAt`. Default: unknown. */
  queueWaitMs?: number
  /** After this the run is recorded as `timeout`, and `task.signal` aborts. Default: no limit. */
  timeoutMs?: number
  /** A run that fails once it has aborted is recorded as `cancelled`, or `timeout` for `AbortSignal.timeout()`. */
  signal?: AbortSignal
  /** W3C trace context of whoever caused the run; the run becomes its child. Default: none. */
  traceparent?: string
  /** Id of the run that caused this one. Default: the run in whose function this one starts. */
  parentId?: string
  /** Trace that the run belongs to. Default: that of `traceparent`, or of the parent. */
  traceId?: string
}

const maxSteps = 100
const maxSetAttributes = 64
/** Timers take 32 bits; a longer limit is as good as none. */
const maxTimeoutMs = 0x7fffffff

/** What few runs have. Kept apart, so that the others cost little. */
export class RunDetails {
  attempt = 1
  parentId = ''
  spanId = ''
  trace: Trace | undefined = undefined
  queueWaitMs = Number.NaN
  deadline: RunDeadline | undefined = undefined
  attributes: Properties | undefined = undefined
  metricAttributes: readonly string[] | undefined = undefined
  keys: string[] | undefined = undefined
  values: unknown[] | undefined = undefined
  stepNames: string[] | undefined = undefined
  stepOffsetsMs: number[] | undefined = undefined

  /** The trace's id where there is one by now; the tree of runs shares it. */
  get traceId(): string {
    return this.trace === undefined ? '' : this.trace.id
  }
}

/** Collects while the function runs; read once at its end. */
export class Run implements Task, CpuStart {
  readonly type: string
  startMs = 0
  cpu: CpuMode
  reading: CpuReading | undefined = undefined
  slices: SliceAccount | undefined = undefined
  details: RunDetails | undefined = undefined
  /** False once the run is recorded: it is nobody's parent any more. */
  open = true
  /** The id as a string, once somebody has asked for it, or where it was given. */
  givenId = ''
  readonly #host: RunHost

  constructor(type: string, host: RunHost, cpu: CpuMode) {
    this.type = type
    this.#host = host
    this.cpu = cpu
  }

  get id(): string {
    if (this.givenId === '') this.givenId = this.#host.freshRunId()
    return this.givenId
  }

  get signal(): AbortSignal {
    const details = this.detail()
    details.deadline ??= new RunDeadline(0, undefined)
    return details.deadline.signal
  }

  get traceparent(): string {
    const details = this.detail()
    details.trace ??= newTrace()
    if (details.trace.id === '') details.trace.id = this.#host.freshTraceId()
    // The run's own id where it has the form of a span's: then the id is the same on both sides.
    if (details.spanId === '') details.spanId = isSpanId(this.id) ? this.id : this.#host.freshRunId()
    return formatTraceparent(details.trace, details.spanId)
  }

  detail(): RunDetails {
    this.details ??= new RunDetails()
    return this.details
  }

  /** Takes over what is usable of options, which may come from plain JavaScript; the rest keeps its default. */
  take(options: TaskOptions): void {
    // The keys of a string are its characters, and it may have millions of them.
    if (typeof options !== 'object') return
    try {
      let more = false
      for (const key in options) {
        if (key !== 'cpu') more = true
        else if (isCpuMode(options.cpu)) this.cpu = options.cpu
      }
      if (more) this.#takeMore(options)
    } catch {
      // A getter that throws costs the options after it, not the run.
    }
  }

  set(key: string, value: AttributeValue | Date): void {
    const details = this.detail()
    details.keys ??= []
    details.values ??= []
    const known = details.keys.indexOf(key)
    if (known >= 0) details.values[known] = value
    else if (details.keys.length < maxSetAttributes) {
      details.keys.push(key)
      details.values.push(value)
    }
  }

  step(name: string): void {
    if (!isName(name)) return
    const details = this.detail()
    details.stepNames ??= []
    details.stepOffsetsMs ??= []
    if (details.stepNames.length >= maxSteps) return
    details.stepNames.push(name)
    details.stepOffsetsMs.push(this.#host.nowMs() - this.startMs)
  }

  #takeMore(options: TaskOptions): void {
    const details = this.detail()
    const { id, attempt, attributes, metricAttributes } = options
    if (typeof id === 'string' && id !== '') this.givenId = truncate(id, maxNameBytes)
    if (Number.isInteger(attempt) && attempt! > 0 && attempt! <= 0xffffffff) details.attempt = attempt!
    if (Array.isArray(metricAttributes)) details.metricAttributes = metricAttributes
    details.attributes = attributes
    this.#takeOrigin(options, details)
    takeLimits(options, details)
  }

  /** Where the run comes from: queue, trace, parent. */
  #takeOrigin(options: TaskOptions, details: RunDetails): void {
    const { queueWaitMs, queuedAt, traceparent, parentId, traceId } = options
    if (Number.isFinite(queueWaitMs)) details.queueWaitMs = Math.max(0, queueWaitMs!)
    else if (queuedAt !== undefined && queuedAt !== null) {
      const queuedMs = Number(queuedAt)
      if (Number.isFinite(queuedMs)) details.queueWaitMs = Math.max(0, this.#host.wallMs() - queuedMs)
    }
    const caller = traceparent === undefined ? undefined : parseTraceparent(traceparent)
    if (caller !== undefined) {
      details.parentId = caller.parentId
      details.trace = caller.trace
    }
    if (typeof parentId === 'string' && parentId !== '') details.parentId = truncate(parentId, maxNameBytes)
    if (typeof traceId === 'string' && traceId !== '') {
      details.trace = { id: truncate(traceId, maxNameBytes), flags: caller?.trace.flags ?? newTrace().flags }
    }
  }
}

function takeLimits({ timeoutMs, signal }: TaskOptions, details: RunDetails): void {
  const limited = typeof timeoutMs === 'number' && timeoutMs > 0 && timeoutMs <= maxTimeoutMs
  const abortable = typeof signal === 'object' && signal !== null && typeof signal.addEventListener === 'function'
  if (limited || abortable) details.deadline = new RunDeadline(limited ? timeoutMs : 0, abortable ? signal : undefined)
}

/** Comparing is quicker than a look-up: nearly all of these are the very same strings. */
function isCpuMode(mode: unknown): mode is CpuMode {
  return mode === 'off' || mode === 'auto' || mode === 'process' || mode === 'exclusive' || mode === 'slices'
}

/** What a run needs of its client. */
export interface RunHost {
  nowMs(): number
  wallMs(): number
  freshRunId(): string
  freshTraceId(): string
}
