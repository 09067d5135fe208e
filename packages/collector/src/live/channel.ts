/** Channels: new task runs and events of a project as they are stored, the newest of each tick. */
import type { Columns, ProjectId } from '../model.js'
import type { LivePlanner } from './planner.js'

export type ChannelName = 'tasks' | 'events'

/** A subscription, as its channel sees it. */
export interface ChannelSubscriber {
  canSend(): boolean
  /** Sends the head, the number of rows that were left out, and this body as one frame. */
  sendRows(body: Buffer, skipped: number): void
  /** Rows that it did not get, told with its next frame. */
  skippedRows: number
  skip(): void
}

export interface ChannelOptions {
  project: ProjectId
  name: ChannelName
  planner: Pick<LivePlanner, 'taskRun' | 'eventRecord'>
  maxRows: number
  onSerialised: () => void
  /** Which formatted rows its subscribers may see; absent: all. */
  sees?: (row: object) => boolean
}

/** One channel of one project, view and interval. */
export class Channel {
  readonly project: ProjectId
  readonly name: ChannelName
  readonly subscribers = new Set<ChannelSubscriber>()
  readonly #planner: ChannelOptions['planner']
  readonly #maxRows: number
  readonly #onSerialised: () => void
  readonly #sees: ((row: object) => boolean) | undefined
  /** Newest last, at most `maxRows`; formatted when they are sent. */
  #rows: (() => object)[] = []
  #skipped = 0

  constructor({ project, name, planner, maxRows, onSerialised, sees }: ChannelOptions) {
    this.project = project
    this.name = name
    this.#planner = planner
    this.#maxRows = maxRows
    this.#onSerialised = onSerialised
    this.#sees = sees
  }

  /** The first frame has no rows: it says that the subscription stands. */
  welcome(subscriber: ChannelSubscriber): void {
    this.subscribers.add(subscriber)
    subscriber.sendRows(this.#body([]), 0)
  }

  /** True where it got rows. */
  publish({ tasks, events }: Columns): boolean {
    if (this.name === 'tasks') return this.#take(tasks, (row) => this.#planner.taskRun(row))
    return this.#take(events, (row) => this.#planner.eventRecord(row))
  }

  tick(): void {
    if (this.#rows.length === 0) return
    const skipped = this.#skipped
    const rows = this.#rows
    this.#rows = []
    this.#skipped = 0
    let body: Buffer | undefined
    for (const subscriber of this.subscribers) {
      if (!subscriber.canSend()) {
        subscriber.skippedRows += rows.length + skipped
        subscriber.skip()
        continue
      }
      body ??= this.#body(rows.map((format) => format()))
      const missed = subscriber.skippedRows + skipped
      subscriber.skippedRows = 0
      subscriber.sendRows(body, missed)
    }
  }

  #take<Row>(rows: readonly Row[] | undefined, format: (row: Row) => object): boolean {
    if (rows === undefined || rows.length === 0) return false
    if (this.#sees !== undefined) return this.#takeSeen(rows.map(format).filter(this.#sees))
    const newest = rows.slice(-this.#maxRows)
    this.#skipped += rows.length - newest.length
    for (const row of newest) this.#rows.push(() => format(row))
    this.#dropSurplus()
    return true
  }

  /** Rows that a view does not see are not even counted as skipped. */
  #takeSeen(rows: object[]): boolean {
    for (const row of rows) this.#rows.push(() => row)
    this.#dropSurplus()
    return rows.length > 0
  }

  #dropSurplus(): void {
    const surplus = this.#rows.length - this.#maxRows
    if (surplus > 0) {
      this.#rows.splice(0, surplus)
      this.#skipped += surplus
    }
  }

  #body(rows: object[]): Buffer {
    this.#onSerialised()
    return Buffer.from(`"channel":"${this.name}","data":${JSON.stringify(rows)}}`)
  }
}
