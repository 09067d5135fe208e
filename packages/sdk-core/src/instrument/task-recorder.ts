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
import type { RunDeadline } from './run-deadline.js'
import { RunIds } from './run-ids.js'
import { isAsyncFunction, RunNesting } from './run-nesting.js'
import { Run, type RunDetails, type RunHost, type Task, type TaskOptions } from './task.js'
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
  /** Of the last run: names need not be checked again and again. */
  #lastType = ''
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
    if (parent !== undefined) adopt(run.detail(), parent)
    const deadline = run.details?.deadline
    if (deadline !== undefined) this.#startDeadline(run, deadline)
    // The clock is read last, so that none of this counts as the task's time.
    run.startMs = this.nowMs()
    this.#resources.begin(run.cpu, run.startMs, run)
    return run
  }

  #startDeadline(run: Run, deadline: RunDeadline): void {
    deadline.start(this.#clock, (error) => this.#end(run, TaskStatus.timeout, error.name, error.message))
  }

  #fail(run: Run, error: unknown): void {
    const failure = failureOf(error)
    const aborted = run.details?.deadline?.abortedWith
    // Whatever a run throws once it was told to stop, stopping is why it ended.
    if (aborted !== undefined && failure.status === TaskStatus.error) failure.status = abortStatus(aborted.reason)
    this.#end(run, failure.status, failure.type, failure.message)
  }

  /** Never throws: the host's result is on its way. Only the first of its calls for a run counts. */
  #end(run: Run, status: TaskStatusCode, errorType = '', errorMessage = ''): void {
    if (!run.open) return
    run.open = false
    run.details?.deadline?.end()
    const endMs = this.nowMs()
    const cpuTimeMs = this.#resources.end(run.cpu, run)
    if (this.#closed) {
      this.#o.ledger.refuse(Signal.task, 'closed')
      return
    }
    if (run.type !== this.#lastType && !this.#isType(run.type)) return
    const finished = this.#finished
    finished.type = run.type
    finished.id = run.givenId
    if (run.givenId === '') {
      finished.idNumber = this.#ids.freshNumber()
      finished.idPrefix = this.#ids.prefix
    }
    finished.startMs = run.startMs
    finished.durationMs = endMs - run.startMs
    finished.status = status
    finished.errorType = errorType
    finished.errorMessage = errorMessage
    finished.cpuTimeMs = cpuTimeMs
    if (!Number.isNaN(cpuTimeMs)) finished.cpuMethod = this.#resources.method(run.cpu, run)
    finished.memoryUsageMb = this.#resources.memoryMb(endMs)
    const { details } = run
    finished.details = details
    if (details === undefined) this.#o.rows.task(finished, undefined, this.#isDimension)
    else this.#o.rows.task(finished, this.#attributesOf(run, details), this.#dimensionsOf(details))
  }

  #isType(type: unknown): boolean {
    if (isName(type)) {
      this.#lastType = type
      return true
    }
    this.#o.warnings.once('invalid_name', 'a task type must be 1 to 256 bytes without control characters; dropped')
    this.#o.ledger.refuse(Signal.task, 'invalid_name')
    return false
  }

  #attributesOf(run: Run, details: RunDetails): PropertyReader {
    const reader = this.#reader
    reader.clear()
    // Attributes that cannot be read are left out: the run itself is worth more than they are.
    if (reader.read(details.attributes) !== undefined) reader.skipped++
    if (details.keys !== undefined && details.values !== undefined) {
      for (let i = 0; i < details.keys.length; i++) reader.set(details.keys[i], details.values[i])
    }
    if (reader.count > this.#o.maxAttributes) {
      reader.count = this.#o.maxAttributes
      reader.skipped++
    }
    if (reader.skipped > 0) {
      this.#o.warnings.once(
        `attributes:${run.type}`,
        `task '${run.type}': attributes that are too many or no values are left out`,
      )
    }
    return reader
  }

  #dimensionsOf({ metricAttributes }: RunDetails): (key: string) => boolean {
    if (metricAttributes === undefined) return this.#isDimension
    return (key) => this.#isDimension(key) || metricAttributes.includes(key)
  }
}

function adopt(child: RunDetails, parent: Run): void {
  if (child.parentId === '') child.parentId = parent.id
  // The parent may get its trace later, when it first hands it on: sharing the object shares the id.
  if (child.trace === undefined) child.trace = parent.detail().trace ??= newTrace()
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
    idPrefix: '',
    idNumber: 0,
    startMs: 0.5,
    durationMs: 0.5,
    status: TaskStatus.ok,
    errorType: '',
    errorMessage: '',
    cpuTimeMs: Number.NaN,
    cpuMethod: CpuMethod.none,
    memoryUsageMb: Number.NaN,
    details: undefined,
  }
}
