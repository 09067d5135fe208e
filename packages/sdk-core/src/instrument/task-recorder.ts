/** `withTaskMetrics`: runs a function, and writes down how it went, without changing what the caller sees of it. */
import { CpuMethod, Signal, TaskStatus, type TaskStatusCode } from '@telltale/protocol'
import { PropertyReader } from '../batch/property-reader.js'
import type { RowBatcher } from '../batch/row-batcher.js'
import type { FinishedRun } from '../batch/task-table.js'
import type { Clock } from '../clock.js'
import type { Warnings } from '../logger.js'
import type { CpuMode, NestingMode } from '../options.js'
import type { Platform } from '../platform.js'
import type { Ledger } from '../stats.js'
import { isName } from '../text.js'
import { RunIds } from './run-ids.js'
import { isAsyncFunction, RunNesting } from './run-nesting.js'
import { Run, type RunHost, type Task, type TaskOptions } from './task.js'
import { abortStatus, failureOf } from './task-error.js'
import { TaskResources } from './task-resources.js'
import { newTrace } from './trace.js'

export interface TaskRecorderOptions {
  platform: Platform
  rows: RowBatcher
  ledger: Ledger
  warnings: Warnings
  cpu: CpuMode
  nesting: NestingMode
  metricAttributes: ReadonlySet<string>
  /** Attributes of one run. */
  maxAttributes: number
}

const noOptions: TaskOptions = {}

export class TaskRecorder implements RunHost {
  readonly #o: TaskRecorderOptions
  readonly #clock: Clock
  readonly #ids: RunIds
  readonly #resources: TaskResources
  readonly #nesting: RunNesting
  readonly #reader = new PropertyReader()
  /** Reused for every run: rows are copied into columns at once. */
  readonly #finished = emptyRun()
  readonly #isDimension = (key: string) => this.#o.metricAttributes.has(key)
  #closed = false

  constructor(options: TaskRecorderOptions) {
    this.#o = options
    this.#clock = options.platform.clock
    this.#ids = new RunIds(options.platform.randomBytes)
    this.#resources = new TaskResources(options.platform.resources)
    this.#nesting = new RunNesting(options.nesting, options.platform.runContext)
  }

  /** `isAsync`: whether `work` is an asynchronous function, where it stands for another. */
  run<T>(
    type: string,
    work: (task: Task) => T,
    options: TaskOptions = noOptions,
    isAsync: boolean = isAsyncFunction(work),
  ): T {
    const run = this.#begin(type, options)
    let result: T
    try {
      if (run.slices === undefined) result = this.#nesting.within(run, work, isAsync)
      else result = this.#resources.within(run, () => this.#nesting.within(run, work, isAsync))
    } catch (error) {
      this.#fail(run, error)
      throw error
    }
    if (!isThenable(result)) {
      this.#end(run, TaskStatus.ok)
      return result
    }
    // A promise of our own follows the host's, so that a rejection nobody handles is still reported as such.
    return Promise.resolve(result).then(
      (value) => {
        this.#end(run, TaskStatus.ok)
        return value
      },
      (error) => {
        this.#fail(run, error)
        throw error
      },
    ) as T
  }

  /** From now on runs are counted as dropped; those under way as well. */
  close(): void {
    this.#closed = true
  }

  nowMs(): number {
    return this.#clock.monotonicMs()
  }

  wallMs(): number {
    return this.#clock.wallMs()
  }

  freshRunId(): string {
    return this.#ids.fresh()
  }

  freshTraceId(): string {
    return this.#ids.freshTrace()
  }

  #begin(type: string, options: TaskOptions): Run {
    const run = new Run(type, this, this.#o.cpu)
    if (options !== noOptions) run.take(options)
    const parent = this.#nesting.parent()
    if (parent !== undefined) {
      if (run.parentId === '') run.parentId = parent.id
      // The parent may get its trace later, when it first hands it on: sharing the object shares the id.
      if (run.trace === undefined) run.trace = parent.trace ??= newTrace()
    }
    run.deadline?.start(this.#clock, (error) => this.#end(run, TaskStatus.timeout, error.name, error.message))
    // The clock is read last, so that none of this counts as the task's time.
    run.startMs = this.nowMs()
    this.#resources.begin(run.cpu, run.startMs, run)
    return run
  }

  #fail(run: Run, error: unknown): void {
    const failure = failureOf(error)
    const aborted = run.deadline?.abortedWith
    // Whatever a run throws once it was told to stop, stopping is why it ended.
    if (aborted !== undefined && failure.status === TaskStatus.error) failure.status = abortStatus(aborted.reason)
    this.#end(run, failure.status, failure.type, failure.message)
  }

  /** Never throws: the host's result is on its way. Only the first of its calls for a run counts. */
  #end(run: Run, status: TaskStatusCode, errorType = '', errorMessage = ''): void {
    if (!run.open) return
    run.open = false
    run.deadline?.end()
    const endMs = this.nowMs()
    const cpuTimeMs = this.#resources.end(run.cpu, run)
    const { ledger, warnings } = this.#o
    if (this.#closed) {
      ledger.refuse(Signal.task, 'closed')
      return
    }
    if (!isName(run.type)) {
      warnings.once('invalid_name', 'a task type must be 1 to 256 bytes without control characters; dropped')
      ledger.refuse(Signal.task, 'invalid_name')
      return
    }
    const reader = this.#reader
    reader.clear()
    // Attributes that cannot be read are left out: the run itself is worth more than they are.
    if (reader.read(run.attributes) !== undefined) reader.skipped++
    if (run.keys !== undefined && run.values !== undefined) {
      for (let i = 0; i < run.keys.length; i++) reader.set(run.keys[i], run.values[i])
    }
    if (reader.count > this.#o.maxAttributes) {
      reader.count = this.#o.maxAttributes
      reader.skipped++
    }
    if (reader.skipped > 0) {
      warnings.once(
        `attributes:${run.type}`,
        `task '${run.type}': attributes that are too many or no values are left out`,
      )
    }
    const finished = this.#finished
    finished.freshId = run.idIsFresh
    finished.type = run.type
    finished.id = run.id
    finished.startMs = run.startMs
    finished.durationMs = endMs - run.startMs
    finished.status = status
    finished.errorType = errorType
    finished.errorMessage = errorMessage
    finished.cpuTimeMs = cpuTimeMs
    finished.cpuMethod = Number.isNaN(cpuTimeMs) ? CpuMethod.none : this.#resources.method(run.cpu, run)
    finished.memoryUsageMb = this.#resources.memoryMb(endMs)
    finished.stepNames = run.stepNames
    finished.stepOffsetsMs = run.stepOffsetsMs
    finished.attempt = run.attempt
    finished.parentId = run.parentId
    finished.traceId = run.traceId
    finished.queueWaitMs = run.queueWaitMs
    this.#o.rows.task(
      finished,
      reader,
      run.metricAttributes === undefined ? this.#isDimension : dimensionsOf(run, this.#isDimension),
    )
  }
}

function dimensionsOf(run: Run, inherited: (key: string) => boolean): (key: string) => boolean {
  return (key) => inherited(key) || run.metricAttributes?.includes(key) === true
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  try {
    return typeof value === 'object' && value !== null && typeof (value as PromiseLike<unknown>).then === 'function'
  } catch {
    return false
  }
}

function emptyRun(): FinishedRun {
  return {
    type: '',
    id: '',
    freshId: true,
    startMs: 0,
    durationMs: 0,
    status: TaskStatus.ok,
    attempt: 1,
    parentId: '',
    traceId: '',
    errorType: '',
    errorMessage: '',
    queueWaitMs: Number.NaN,
    cpuTimeMs: Number.NaN,
    cpuMethod: CpuMethod.none,
    memoryUsageMb: Number.NaN,
    stepNames: undefined,
    stepOffsetsMs: undefined,
  }
}
