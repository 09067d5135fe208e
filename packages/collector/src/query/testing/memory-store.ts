/**
 * The plainest possible reads of a store, over arrays: the model that queries and streams are tested against. Slow, and
 * meant to be read at a glance.
 */
import { Kind, keyOf } from '@telltale/protocol'
import type { Columns, ProjectId, SeriesId, TaskRow } from '../../model.js'
import type {
  AggregateRequest,
  EventsTrend,
  EventsTrendRequest,
  Partials,
  Store,
  TasksPage,
  TasksRequest,
} from '../../store/store.js'

/** One number, or one aggregated histogram. */
interface Point {
  series: SeriesId
  timeMs: number
  count: number
  sum: number
  min: number
  max: number
  keys: Map<number, number>
}

interface Cell {
  group: number
  bucketMs: number
  points: Point[]
}

export class MemoryStore implements Pick<Store, 'aggregate' | 'tasks' | 'task' | 'eventsTrend'> {
  readonly #points: Point[] = []
  readonly #tasks: { project: ProjectId; row: TaskRow }[] = []
  readonly #events: { project: ProjectId; timeMs: number; name: string; userId: string | null }[] = []
  /** What was asked, for tests that look at it. */
  readonly requests: AggregateRequest[] = []
  readonly taskRequests: TasksRequest[] = []
  readonly trendRequests: EventsTrendRequest[] = []
  seq = 0
  /** Awaited by each read before it looks. */
  queue: () => Promise<void> = async () => {}
  /** Awaited by each read after it has looked: tests hold it open, or let it fail. */
  gate: () => Promise<void> = async () => {}
  /** Called with each batch once it can be read. */
  onAppend: (project: ProjectId, seq: number, columns: Columns) => void = () => {}

  append(project: ProjectId, columns: Columns): number {
    const { samples, histograms } = columns
    for (let i = 0; i < (samples?.count ?? 0); i++) {
      const value = samples!.value[i]!
      const keys = new Map([[keyOf(value), 1]])
      const timeMs = samples!.timeMs[i]!
      this.#points.push({ series: samples!.series[i]!, timeMs, count: 1, sum: value, min: value, max: value, keys })
    }
    for (let row = 0, from = 0; row < (histograms?.count ?? 0); row++) {
      const keys = new Map<number, number>()
      for (const to = from + histograms!.buckets[row]!; from < to; from++) {
        keys.set(histograms!.key[from]!, histograms!.bucketCount[from]!)
      }
      this.#points.push({
        series: histograms!.series[row]!,
        timeMs: histograms!.timeMs[row]!,
        count: [...keys.values()].reduce((a, b) => a + b, 0),
        sum: histograms!.sum[row]!,
        min: histograms!.min[row]!,
        max: histograms!.max[row]!,
        keys,
      })
    }
    for (const row of columns.tasks ?? []) this.#tasks.push({ project, row })
    for (const { timeMs, name, userId } of columns.events ?? []) this.#events.push({ project, timeMs, name, userId })
    this.onAppend(project, ++this.seq, columns)
    return this.seq
  }

  async aggregate(request: AggregateRequest, signal?: AbortSignal): Promise<Partials> {
    this.requests.push(request)
    await this.queue()
    const partials = this.#aggregate(request)
    await this.gate()
    signal?.throwIfAborted()
    return partials
  }

  async tasks(request: TasksRequest): Promise<TasksPage> {
    this.taskRequests.push(request)
    const rows = this.#tasks.filter(({ project }) => project === request.project).map(({ row }) => row)
    return { rows, total: rows.length }
  }

  async task(project: ProjectId, id: string): Promise<TaskRow | null> {
    return this.#tasks.find((task) => task.project === project && task.row.id === id)?.row ?? null
  }

  async eventsTrend(request: EventsTrendRequest): Promise<EventsTrend> {
    this.trendRequests.push(request)
    const rows: EventsTrend['rows'] = []
    for (let bucket = 0; bucket + 1 < request.edgesMs.length; bucket++) {
      const [fromMs, toMs] = [request.edgesMs[bucket]!, request.edgesMs[bucket + 1]!]
      const value = this.#events.filter(
        ({ project, timeMs }) =>
          project === request.project &&
          timeMs >= Math.max(fromMs, request.startMs) &&
          timeMs < Math.min(toMs, request.endMs),
      ).length
      if (value > 0) rows.push({ group: 0, bucketMs: fromMs, value })
    }
    return { groups: [request.groupBy.map(() => null)], rows }
  }

  #aggregate({ series, group, startMs, endMs, originMs, stepMs, kind, want }: AggregateRequest): Partials {
    const groupOf = new Map(Array.from(series, (id, i) => [id, group[i]!]))
    const cells = new Map<string, Cell>()
    for (const point of this.#points) {
      const ofGroup = groupOf.get(point.series)
      if (ofGroup === undefined || point.timeMs < startMs || point.timeMs >= endMs) continue
      const bucketMs = stepMs === 0 ? startMs : originMs + Math.floor((point.timeMs - originMs) / stepMs) * stepMs
      const key = `${ofGroup} ${bucketMs}`
      const cell = cells.get(key)
      if (cell === undefined) cells.set(key, { group: ofGroup, bucketMs, points: [point] })
      else cell.points.push(point)
    }
    // Newest bucket first: callers may not rely on an order.
    const rows = [...cells.values()].sort((a, b) => b.bucketMs - a.bucketMs || b.group - a.group)
    const column = (wanted: boolean | undefined, value: (points: Point[]) => number) =>
      wanted ? Float64Array.from(rows, ({ points }) => value(points)) : new Float64Array(0)
    const latest = (points: Point[]) => points.reduce((a, b) => (b.timeMs >= a.timeMs ? b : a))
    return {
      asOf: this.seq,
      resolution: 'raw',
      rows: rows.length,
      group: Uint32Array.from(rows, (cell) => cell.group),
      bucketMs: Float64Array.from(rows, (cell) => cell.bucketMs),
      count: column(true, (points) => points.reduce((total, { count }) => total + count, 0)),
      sum: column(want.sum, (points) => points.reduce((total, { sum }) => total + sum, 0)),
      min: column(want.minMax, (points) => Math.min(...points.map(({ min }) => min))),
      max: column(want.minMax, (points) => Math.max(...points.map(({ max }) => max))),
      last: column(want.last && kind !== Kind.histogram, (points) => latest(points).sum),
      lastMs: column(want.last && kind !== Kind.histogram, (points) => latest(points).timeMs),
      sketch: sketchOf(want.sketch ? rows : []),
    }
  }
}

function sketchOf(cells: Cell[]): Partials['sketch'] {
  const rows = cells.flatMap(({ group, bucketMs, points }) => {
    const counts = new Map<number, number>()
    for (const { keys } of points) for (const [key, n] of keys) counts.set(key, (counts.get(key) ?? 0) + n)
    return [...counts].map(([key, count]) => ({ group, bucketMs, key, count }))
  })
  rows.sort((a, b) => a.group - b.group || a.bucketMs - b.bucketMs || a.key - b.key)
  return {
    rows: rows.length,
    group: Uint32Array.from(rows, (row) => row.group),
    bucketMs: Float64Array.from(rows, (row) => row.bucketMs),
    key: Int32Array.from(rows, (row) => row.key),
    count: Float64Array.from(rows, (row) => row.count),
  }
}
