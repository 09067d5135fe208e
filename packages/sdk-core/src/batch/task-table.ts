/** Finished task runs of one batch, written straight into their columns. */
import { CpuMethod, type CpuMethodCode, type Steps, type TaskStatusCode, type Tasks } from '@telltale/protocol'
import { AttributeColumns } from './attribute-columns.js'
import type { Dictionary } from './dictionary.js'
import { padded } from './event-table.js'
import type { PropertyReader } from './property-reader.js'
import type { RunColumns } from './run-columns.js'

/** One run, as it ended. Strings are bounded already; an empty one is absent, and so is a number that is NaN. */
export interface FinishedRun {
  type: string
  /** Empty where the id is `idPrefix` and `idNumber`. */
  id: string
  idPrefix: string
  idNumber: number
  startMs: number
  durationMs: number
  status: TaskStatusCode
  errorType: string
  errorMessage: string
  cpuTimeMs: number
  cpuMethod: CpuMethodCode
  memoryUsageMb: number
  /** What most runs do not have. */
  details: FinishedDetails | undefined
}

export interface FinishedDetails {
  readonly attempt: number
  readonly parentId: string
  readonly traceId: string
  readonly queueWaitMs: number
  readonly stepNames: readonly string[] | undefined
  readonly stepOffsetsMs: readonly number[] | undefined
}

/** A start further back than this would not fit the wire's 32-bit offsets. */
const maxAgeMs = 1e9

export class TaskTable {
  readonly #dictionary: Dictionary
  readonly #attributes: AttributeColumns
  readonly #runs: RunColumns
  readonly #attempt: number[] = []
  readonly #parentId: number[] = []
  readonly #traceId: number[] = []
  readonly #errorType: number[] = []
  readonly #errorMessage: number[] = []
  readonly #queueWaitMs: number[] = []
  /** Some run has a reading: a column that holds nothing is left out. */
  #hasMemory = false
  #hasCpu = false
  readonly #stepRow: number[] = []
  readonly #stepName: number[] = []
  readonly #stepOffsetMs: number[] = []
  /** Runs of one type come in rows. */
  #lastType = ''
  #lastTypeRef = 0
  /** Attribute values and steps so far: what the table takes beyond its rows. */
  cells = 0
  count = 0

  /** `runs` is overwritten; it is free again once what `finish` gave has been encoded. */
  constructor(dictionary: Dictionary, runs: RunColumns) {
    this.#dictionary = dictionary
    this.#runs = runs
    this.#attributes = new AttributeColumns(dictionary)
  }

  get columns(): number {
    return this.#attributes.count
  }

  append(run: FinishedRun, properties: PropertyReader | undefined, dimensions: (key: string) => boolean): void {
    const dictionary = this.#dictionary
    const runs = this.#runs
    const row = this.count++
    runs.reserve(row)
    if (run.type !== this.#lastType) {
      this.#lastType = run.type
      this.#lastTypeRef = dictionary.ref(run.type)
    }
    runs.type[row] = this.#lastTypeRef
    runs.startMs[row] = run.startMs
    runs.durationMs[row] = run.durationMs
    runs.status[row] = run.status
    runs.id[row] = run.id === '' ? dictionary.appendNumbered(run.idPrefix, run.idNumber) : dictionary.ref(run.id)
    runs.memoryUsageMb[row] = run.memoryUsageMb
    runs.cpuTimeMs[row] = run.cpuTimeMs
    runs.cpuMethod[row] = CpuMethod.none
    if (!Number.isNaN(run.memoryUsageMb)) this.#hasMemory = true
    if (!Number.isNaN(run.cpuTimeMs)) {
      this.#hasCpu = true
      runs.cpuMethod[row] = run.cpuMethod
    }
    // Most runs have none of these: their columns stay empty, and absent, until a run does.
    if (run.errorType !== '') sparse(this.#errorType, row, dictionary.ref(run.errorType), 0)
    if (run.errorMessage !== '') sparse(this.#errorMessage, row, dictionary.ref(run.errorMessage), 0)
    if (run.details !== undefined) this.#appendDetails(row, run.details)
    if (properties === undefined) return
    const { keys, values, count } = properties
    this.cells += count
    for (let i = 0; i < count; i++) this.#attributes.put(row, keys[i], values[i], dimensions(keys[i]))
  }

  finish(nowMs: number, toUnixMs: (monotonicMs: number) => number): Tasks | undefined {
    const count = this.count
    if (count === 0) return undefined
    const oldestMs = nowMs - maxAgeMs
    const { type, startMs, durationMs, status, id, memoryUsageMb, cpuTimeMs, cpuMethod } = this.#runs
    for (let row = 0; row < count; row++) startMs[row] = toUnixMs(Math.max(startMs[row], oldestMs))
    return {
      count,
      type,
      timeMs: startMs,
      durationMs,
      status,
      id,
      attempt: padded(this.#attempt, count, 1),
      parentId: padded(this.#parentId, count),
      traceId: padded(this.#traceId, count),
      errorType: padded(this.#errorType, count),
      errorMessage: padded(this.#errorMessage, count),
      queueWaitMs: paddedNaN(this.#queueWaitMs, count),
      cpuTimeMs: this.#hasCpu ? cpuTimeMs : undefined,
      cpuUsagePercent: this.#hasCpu ? usagePercent(cpuTimeMs, durationMs, count) : undefined,
      cpuMethod: this.#hasCpu ? cpuMethod : undefined,
      memoryUsageMb: this.#hasMemory ? memoryUsageMb : undefined,
      attributes: this.#attributes.finish(count),
      steps: this.#steps(),
    }
  }

  #appendDetails(row: number, details: FinishedDetails): void {
    const dictionary = this.#dictionary
    if (details.attempt !== 1) sparse(this.#attempt, row, details.attempt, 1)
    if (details.parentId !== '') sparse(this.#parentId, row, dictionary.ref(details.parentId), 0)
    if (details.traceId !== '') sparse(this.#traceId, row, dictionary.ref(details.traceId), 0)
    if (!Number.isNaN(details.queueWaitMs)) sparse(this.#queueWaitMs, row, details.queueWaitMs, Number.NaN)
    if (details.stepNames !== undefined && details.stepOffsetsMs !== undefined) {
      this.#appendSteps(row, details.stepNames, details.stepOffsetsMs)
    }
  }

  #appendSteps(row: number, names: readonly string[], offsetsMs: readonly number[]): void {
    this.cells += names.length
    for (let i = 0; i < names.length; i++) {
      this.#stepRow.push(row)
      this.#stepName.push(this.#dictionary.ref(names[i]))
      this.#stepOffsetMs.push(offsetsMs[i])
    }
  }

  #steps(): Steps | undefined {
    const count = this.#stepRow.length
    if (count === 0) return undefined
    return { count, row: this.#stepRow, name: this.#stepName, offsetMs: this.#stepOffsetMs }
  }
}

/** Sets an entry of a column that most rows leave empty. */
function sparse(column: number[], row: number, value: number, empty: number): void {
  while (column.length < row) column.push(empty)
  column.push(value)
}

function paddedNaN(column: number[], count: number): number[] | undefined {
  if (column.length === 0) return undefined
  while (column.length < count) column.push(Number.NaN)
  return column
}

/** Of one core: above 100 where several threads worked. A run too short to measure has no usage. */
function usagePercent(cpuTimeMs: Float64Array, durationMs: Float64Array, count: number): Float64Array {
  const percent = new Float64Array(count)
  for (let row = 0; row < count; row++) {
    percent[row] = durationMs[row] > 0 ? (cpuTimeMs[row] / durationMs[row]) * 100 : Number.NaN
  }
  return percent
}
