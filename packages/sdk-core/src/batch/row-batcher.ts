/** Events and task runs → batches. Their strings change every time, so they keep away from the metrics' schema pages. */
import { Signal, type StringRef } from '@telltale/protocol'
import { Dictionary } from './dictionary.js'
import { EventTable } from './event-table.js'
import type { PropertyReader } from './property-reader.js'
import { RunColumns } from './run-columns.js'
import { oneEach, type RowCalls } from './sealed-batch.js'
import type { Sealer } from './sealer.js'
import { type FinishedRun, TaskTable } from './task-table.js'

/** Estimates for the size of a batch: what a row and one of its attributes take beside their strings. */
const bytesPerRow = 24
const bytesPerCell = 10
/** Below the wire's 4,096 attribute columns, with room for a last row of new keys. */
const maxColumns = 4000

export class RowBatcher {
  readonly #sealer: Sealer
  readonly #maxRows: number
  #dictionary!: Dictionary
  #resource!: StringRef[]
  #events!: EventTable
  #tasks!: TaskTable
  #runs!: RunColumns
  /** Columns of a batch that is encoded by now. */
  #spare: RunColumns | undefined

  constructor(sealer: Sealer, maxRows: number) {
    this.#sealer = sealer
    this.#maxRows = maxRows
    this.#open()
  }

  /** Calls that no batch holds yet. */
  get openCalls(): number {
    return this.#events.count + this.#tasks.count
  }

  event(name: string, monotonicMs: number, properties: PropertyReader): void {
    this.#events.append(name, monotonicMs, properties)
    if (this.#full()) this.flush()
  }

  /** `properties` undefined: the run has no attributes. */
  task(run: FinishedRun, properties: PropertyReader | undefined, isDimension: (key: string) => boolean): void {
    this.#tasks.append(run, properties, isDimension)
    // A bare run adds little, so that not each of them needs the full look.
    if (properties === undefined && (this.#tasks.count & 15) !== 0 && this.openCalls < this.#maxRows) return
    if (this.#full()) this.flush()
  }

  flush(): void {
    const events = this.#events.count
    const tasks = this.#tasks.count
    if (events + tasks === 0) return
    const toUnixMs = (monotonicMs: number) => this.#sealer.timeline.toUnixMs(monotonicMs)
    const tables: RowCalls[] = []
    if (events > 0) tables.push(oneEach(Signal.event, events))
    if (tasks > 0) tables.push(oneEach(Signal.task, tasks))
    const content = {
      strings: this.#dictionary,
      resource: this.#resource,
      series: [],
      events: this.#events.finish(toUnixMs),
      tasks: this.#tasks.finish(this.#sealer.nowMs(), toUnixMs),
      tables,
    }
    const runs = this.#runs
    // First, as sealing may warn, and a logger of the host may record something.
    this.#open()
    this.#sealer.seal(content)
    this.#spare = runs
  }

  #full(): boolean {
    const rows = this.openCalls
    if (rows >= this.#maxRows) return true
    const { strings, bytes } = this.#dictionary
    const cells = this.#events.cells + this.#tasks.cells
    const size = bytes + rows * bytesPerRow + cells * bytesPerCell
    // Each key makes a column, and each new key a string, so the bound on strings would come too late for columns.
    const columns = this.#events.columns + this.#tasks.columns
    return size >= this.#sealer.maxBatchBytes || strings.length >= this.#sealer.maxStrings || columns >= maxColumns
  }

  #open(): void {
    const dictionary = new Dictionary()
    this.#dictionary = dictionary
    this.#resource = this.#sealer.resource.flatMap(([key, value]) => [dictionary.ref(key), dictionary.ref(value)])
    this.#events = new EventTable(dictionary)
    this.#runs = this.#spare ?? new RunColumns()
    this.#spare = undefined
    this.#tasks = new TaskTable(dictionary, this.#runs)
  }
}
