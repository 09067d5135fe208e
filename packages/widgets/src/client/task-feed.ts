/**
 * The latest task runs: a page over HTTP, then runs as they are stored, over the `tasks` channel. Without a channel, and
 * after every reconnect, the page is asked again, so that nothing that was missed stays missing.
 */
import type { Filters, TaskRun, TaskStatusName, TasksQuery } from '@telltale/protocol/api'
import { parseDurationMs } from './clock.js'
import type { Connection, Stream } from './connection.js'
import { ClientError } from './errors.js'
import type { QueryClient } from './query-client.js'

export interface TaskFeedOptions {
  range: string
  taskTypes: readonly string[]
  statuses: readonly TaskStatusName[]
  /** Part of the id, type, error type or message. */
  search: string
  /** Conditions on what runs were given. */
  filters: Filters
  sort: 'start_time' | 'duration_ms'
  order: 'asc' | 'desc'
  limit: number
  pollMs: number
}

/** The channel keeps the list fresh; the page is asked again this often all the same, for totals and late runs. */
const refreshMs = 60_000
/** After news that only the collector can judge: how long more of them are waited for. */
const gatherMs = 1000

export class TaskFeed {
  readonly #queries: QueryClient
  readonly #connection: Connection
  readonly #options: TaskFeedOptions
  readonly #changed: () => void
  #runs = new Map<string, TaskRun>()
  #stream: Stream | undefined
  readonly #stopState: () => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #closed = false
  #channelRefused = false
  #wasOpen: boolean

  loaded = false
  total = 0
  error: ClientError | undefined
  /** When the page was last answered or a run arrived, by this page's clock. */
  updatedAtMs = 0
  /** How many runs the last frame brought. */
  arrived = 0
  /** When the page is asked again, by this page's clock. */
  retryAtMs: number | undefined

  constructor(queries: QueryClient, connection: Connection, options: TaskFeedOptions, changed: () => void) {
    this.#queries = queries
    this.#connection = connection
    this.#options = options
    this.#changed = changed
    this.#wasOpen = connection.state.phase === 'open'
    this.#stopState = connection.onState(() => this.#stateChanged())
  }

  /** Asks, and listens from now on. Before this, and while paused, nothing is asked. */
  resume(): void {
    if (this.#stream) return
    this.#stream = this.#connection.open(
      { channel: 'tasks', interval: '1s' },
      {
        frame: (frame) => {
          if (frame.type === 'channel_update') this.#merge(frame.data as TaskRun[])
        },
        error: () => {
          this.#channelRefused = true
          this.#schedule()
        },
      },
    )
    void this.#load()
  }

  /** Keeps what is there. */
  pause(): void {
    clearTimeout(this.#timer)
    this.#stream?.close()
    this.#stream = undefined
  }

  /** Sorted and limited as asked. */
  get runs(): TaskRun[] {
    const { sort, order, limit } = this.#options
    const sign = order === 'asc' ? 1 : -1
    const key = (run: TaskRun) => (sort === 'duration_ms' ? run.duration_ms : Date.parse(run.start_time))
    return [...this.#runs.values()].sort((a, b) => sign * (key(a) - key(b))).slice(0, limit)
  }

  retry(): void {
    this.#connection.retry()
    void this.#load()
  }

  close(): void {
    this.#closed = true
    this.pause()
    this.#stopState()
  }

  /** Whether runs come as they are stored, rather than by asking again and again. */
  get live(): boolean {
    return !this.#channelRefused && this.#connection.state.phase === 'open'
  }

  #stateChanged(): void {
    const isOpen = this.#connection.state.phase === 'open'
    if (isOpen && !this.#wasOpen && this.#stream && (this.loaded || this.error)) void this.#load()
    this.#wasOpen = isOpen
    this.#schedule()
    this.#changed()
  }

  async #load(): Promise<void> {
    const { range, taskTypes, statuses, search, filters, sort, order, limit } = this.#options
    const query: TasksQuery = { time_range: { start: `now-${range}`, end: 'now' }, sort, order, limit }
    if (taskTypes.length > 0) query.task_type = [...taskTypes]
    if (statuses.length > 0) query.status = [...statuses]
    if (search !== '') query.search = search
    if (Object.keys(filters).length > 0) query.filters = filters
    try {
      const { data, meta } = await this.#queries.tasks(query)
      if (this.#closed) return
      // Runs of the channel that are newer than this answer stay.
      const newest = Math.max(0, ...data.map((run) => Date.parse(run.end_time)))
      const ahead = this.#isJudgedThere
        ? []
        : [...this.#runs.values()].filter((run) => Date.parse(run.end_time) > newest)
      this.#runs = new Map([...data, ...ahead].map((run) => [keyOf(run), run]))
      this.total = meta.total
      this.loaded = true
      this.error = undefined
      this.updatedAtMs = Date.now()
    } catch (cause) {
      if (this.#closed) return
      this.error = cause instanceof ClientError ? cause : new ClientError('invalid_answer', String(cause))
    }
    this.#schedule()
    this.#changed()
  }

  /** What is searched and filtered for is for the collector to say: then news are a reason to ask. */
  get #isJudgedThere(): boolean {
    const { search, filters } = this.#options
    return search !== '' || Object.keys(filters).length > 0
  }

  #schedule(delayMs = this.live && !this.error ? refreshMs : this.#options.pollMs): void {
    clearTimeout(this.#timer)
    if (!this.#stream) return
    this.retryAtMs = Date.now() + delayMs
    this.#timer = setTimeout(() => void this.#load(), delayMs)
  }

  #merge(runs: readonly TaskRun[]): void {
    if (this.#isJudgedThere) {
      const isNews = runs.some((run) => this.#matches(run))
      if (isNews && (this.retryAtMs ?? Infinity) > Date.now() + gatherMs) this.#schedule(gatherMs)
      return
    }
    const { range, limit } = this.#options
    const fromMs = this.#connection.nowMs() - parseDurationMs(range)
    let added = 0
    for (const run of runs) {
      if (!this.#matches(run)) continue
      if (!this.#runs.has(keyOf(run))) added++
      this.#runs.set(keyOf(run), run)
    }
    for (const [key, run] of this.#runs) if (Date.parse(run.start_time) < fromMs) this.#runs.delete(key)
    this.updatedAtMs = Date.now()
    this.arrived = added
    this.total += added
    // Twice the limit leaves something to show when the first runs leave the range.
    if (this.#runs.size > limit * 2) this.#runs = new Map(this.runs.map((run) => [keyOf(run), run]))
    if (added > 0) this.#changed()
  }

  #matches(run: TaskRun): boolean {
    const { taskTypes, statuses } = this.#options
    return (
      (taskTypes.length === 0 || taskTypes.includes(run.task_type)) &&
      (statuses.length === 0 || statuses.includes(run.status))
    )
  }
}

/** A retried task keeps its id; each attempt is a run of its own. */
export function keyOf(run: TaskRun): string {
  return `${run.task_id}#${run.attempt}`
}
