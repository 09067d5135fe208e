/** One task run from the inside: what `withTaskMetrics` hands to the function that it measures. */
import type { AttributeValue, Properties } from '../attributes.js'
import type { CpuMode } from '../options.js'
import { isName, maxNameBytes, truncate } from '../text.js'
import type { CpuStart } from './task-resources.js'

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
  /** Default: the option `cpu` of `init`. */
  cpu?: CpuMode
  /** How long the task waited in a queue before this run. Default: unknown. */
  queueWaitMs?: number
  /** Id of the run that caused this one. Default: none. */
  parentId?: string
  /** Trace that the run belongs to. Default: none. */
  traceId?: string
}

const maxSteps = 100
const maxSetAttributes = 64

/** Collects while the function runs; read once at its end. */
export class Run implements Task, CpuStart {
  readonly type: string
  startMs = 0
  cpu: CpuMode
  micros = Number.NaN
  ticket = 0
  alone = false
  attempt = 1
  parentId = ''
  traceId = ''
  queueWaitMs = Number.NaN
  attributes: Properties | undefined = undefined
  metricAttributes: readonly string[] | undefined = undefined
  keys: string[] | undefined = undefined
  values: unknown[] | undefined = undefined
  stepNames: string[] | undefined = undefined
  stepOffsetsMs: number[] | undefined = undefined
  idIsFresh = true
  #id = ''
  readonly #host: RunHost

  constructor(type: string, host: RunHost, cpu: CpuMode) {
    this.type = type
    this.#host = host
    this.cpu = cpu
  }

  get id(): string {
    if (this.#id === '') this.#id = this.#host.freshRunId()
    return this.#id
  }

  /** Takes over what is usable of options, which may come from plain JavaScript; the rest keeps its default. */
  take(options: TaskOptions): void {
    try {
      const { id, attempt, cpu, queueWaitMs, parentId, traceId, attributes, metricAttributes } = options
      if (typeof id === 'string' && id !== '') {
        this.#id = truncate(id, maxNameBytes)
        this.idIsFresh = false
      }
      if (Number.isInteger(attempt) && attempt! > 0 && attempt! <= 0xffffffff) this.attempt = attempt!
      if (cpu === 'off' || cpu === 'auto' || cpu === 'process' || cpu === 'exclusive') this.cpu = cpu
      if (Number.isFinite(queueWaitMs)) this.queueWaitMs = Math.max(0, queueWaitMs!)
      if (typeof parentId === 'string') this.parentId = truncate(parentId, maxNameBytes)
      if (typeof traceId === 'string') this.traceId = truncate(traceId, maxNameBytes)
      if (Array.isArray(metricAttributes)) this.metricAttributes = metricAttributes
      this.attributes = attributes
    } catch {
      // A getter that throws costs the options after it, not the run.
    }
  }

  set(key: string, value: AttributeValue | Date): void {
    this.keys ??= []
    this.values ??= []
    const known = this.keys.indexOf(key)
    if (known >= 0) this.values[known] = value
    else if (this.keys.length < maxSetAttributes) {
      this.keys.push(key)
      this.values.push(value)
    }
  }

  step(name: string): void {
    if (!isName(name)) return
    this.stepNames ??= []
    this.stepOffsetsMs ??= []
    if (this.stepNames.length >= maxSteps) return
    this.stepNames.push(name)
    this.stepOffsetsMs.push(this.#host.nowMs() - this.startMs)
  }
}

/** What a run needs of its client. */
export interface RunHost {
  nowMs(): number
  freshRunId(): string
}
