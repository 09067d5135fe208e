/**
 * A collector inside the page, for tests and the development page: it answers the same frames and requests as the real
 * one, over a stand-in for `WebSocket` and `fetch`, and can be told to fail. Never part of a build.
 */
import type {
  ClientFrame,
  HistogramQuery,
  HistogramResult,
  MetricsColumns,
  MetricsColumnsFrame,
  MetricsQuery,
  MetricsResult,
  StreamQuery,
  Tags,
  TaskRun,
  TasksQuery,
} from '@telltale/protocol/api'
import type { BatchQuery } from '../client/query-batch.js'

/** What a metric is at a time, for a group; null for "no bucket". */
export type Signal = (timeMs: number, group: number) => number | null

export interface FakeMetric {
  groups: Tags[]
  stepMs: number
  unit: string
  signal: Signal
}

export class FakeCollector {
  readonly metrics = new Map<string, FakeMetric>()
  readonly sockets = new Set<FakeSocket>()
  /** Every frame that clients sent. */
  readonly received: ClientFrame[] = []
  /** Every query over HTTP. */
  readonly queries: MetricsQuery[] = []
  /** What `GET /api/v1/annotations` answers. */
  annotations: object[] = []
  tasks: TaskRun[] = []
  token = 'secret'
  /** False: sockets close at once and requests fail, as when the process is gone. */
  up = true
  refusesTasksChannel = false

  get lastSocket(): FakeSocket {
    return [...this.sockets].at(-1)!
  }

  /** Puts the fakes in the place of the real ones until the returned function is called. */
  install(): () => void {
    const { WebSocket, fetch } = globalThis
    const collector = this
    globalThis.WebSocket = class extends FakeSocket {
      constructor(url: string) {
        super(url, collector)
      }
    } as unknown as typeof globalThis.WebSocket
    globalThis.fetch = (url, init) => this.#fetch(String(url), init)
    return () => {
      for (const socket of [...this.sockets]) socket.drop(1001)
      Object.assign(globalThis, { WebSocket, fetch })
    }
  }

  /** The process dies: every socket closes, and nothing answers. */
  stop(): void {
    this.up = false
    for (const socket of [...this.sockets]) socket.drop(1006)
  }

  start(): void {
    this.up = true
  }

  /** Sends every subscriber what changed since its last frame. */
  tick(): void {
    for (const socket of this.sockets) socket.sendDeltas()
  }

  /** Stores a run, and tells the subscribers of the channel. */
  addTask(run: TaskRun): void {
    this.tasks.unshift(run)
    for (const socket of this.sockets) socket.sendTasks([run])
  }

  async #fetch(url: string, init: RequestInit | undefined): Promise<Response> {
    if (!this.up) throw new TypeError('fetch failed')
    const { pathname } = new URL(url)
    const token = new Headers(init?.headers).get('authorization')?.slice('Bearer '.length)
    if (token !== this.token) return json(401, { error: { code: 'unauthorized', message: 'This token is not known.' } })
    if (pathname === '/api/v1/annotations') return json(200, { data: this.annotations })
    if (pathname.startsWith('/api/v1/tasks/') && !init?.body) {
      const found = this.tasks.find((run) => run.task_id === pathname.split('/').at(-1))
      return found ? json(200, found) : json(404, { error: { code: 'unknown_task', message: 'No such run.' } })
    }
    if (pathname.startsWith('/api/v1/metrics') && !init?.body) return this.#catalogue(url)
    const body: unknown = JSON.parse(String(init?.body))
    if (pathname === '/api/v1/metrics/query') return this.#queryMetrics(body as MetricsQuery)
    if (pathname === '/api/v1/metrics/batch')
      return this.#queryBatch(body as { queries: (BatchQuery & { id: string })[] })
    if (pathname === '/api/v1/metrics/histogram') return this.#queryHistogram(body as HistogramQuery)
    if (pathname === '/api/v1/tasks/query') return this.#queryTasks(body as TasksQuery)
    return json(404, { error: { code: 'not_found', message: `No route ${pathname}.` } })
  }

  #queryMetrics(query: MetricsQuery): Response {
    this.queries.push(query)
    const metric = this.metrics.get(query.metric_name)
    if (!metric) return json(404, { error: { code: 'unknown_metric', message: `No metric ${query.metric_name}.` } })
    if (query.format === 'columns') return json(200, columnsOf(metric, query))
    const rangeMs = relativeMs(String(query.time_range.start))
    const row = (endMs: number) => ({
      timestamp: new Date(endMs - rangeMs).toISOString(),
      value: average(metric, endMs - rangeMs, endMs),
      tags: {},
    })
    const result: MetricsResult = {
      data: [row(Date.now())],
      meta: { resolution: 'raw', step: null, kind: 'gauge', unit: metric.unit, cached: false, took_ms: 1 },
    }
    if (query.compare_to) result.compare = [row(Date.now() - relativeMs(`now-${query.compare_to}`))]
    return json(200, result)
  }

  async #queryBatch({ queries }: { queries: (BatchQuery & { id: string })[] }): Promise<Response> {
    const answers = queries.map(async ({ id, ...asked }) => {
      const response = 'query' in asked ? this.#queryMetrics(asked.query) : this.#queryHistogram(asked.histogram)
      return { id, status: response.status, ...(await response.json()) }
    })
    return json(200, { results: await Promise.all(answers) })
  }

  /** Each bucket's values lie around the signal of the first group, in rows that double. */
  #queryHistogram(query: HistogramQuery): Response {
    const metric = this.metrics.get(query.metric_name)
    if (!metric) return json(404, { error: { code: 'unknown_metric', message: `No metric ${query.metric_name}.` } })
    const rangeMs = relativeMs(String(query.time_range.start))
    const stepMs = relativeMs(`now-${query.step}`)
    const endMs = Math.ceil(Date.now() / stepMs) * stepMs
    const timestamps = Array.from({ length: Math.ceil(rangeMs / stepMs) }, (_, i) => endMs - rangeMs + i * stepMs)
    const rowCount = query.rows ?? 40
    const edge = (row: number) => 10 * 2 ** (row / 4)
    const cells: HistogramResult['cells'] = { time: [], row: [], count: [] }
    let total = 0
    timestamps.forEach((timeMs, time) => {
      for (let row = 0; row < rowCount; row++) {
        let count = 0
        metric.groups.forEach((_, g) => {
          const value = metric.signal(timeMs, g)
          if (value === null) return
          const away = row - Math.log2(value / 10) * 4
          count += Math.round(90 * Math.exp(-(away * away) / (3 + g)) * (1 + 0.5 * Math.sin(timeMs / 7e4 + row)))
        })
        if (count === 0) continue
        cells.time.push(time)
        cells.row.push(row)
        cells.count.push(count)
        total += count
      }
    })
    const result: HistogramResult = {
      timestamps,
      rows: Array.from({ length: rowCount }, (_, row) => ({ lower: edge(row), upper: edge(row + 1) })),
      cells,
      meta: {
        resolution: 'raw',
        step: null,
        step_ms: stepMs,
        kind: 'histogram',
        unit: metric.unit,
        count: total,
        took_ms: 1,
      },
    }
    return json(200, result)
  }

  #catalogue(url: string): Response {
    const { pathname, searchParams } = new URL(url)
    const [, name, tags, key] = pathname.split('/').slice(3).map(decodeURIComponent)
    if (tags && !key) {
      const groups = this.metrics.get(name)?.groups ?? []
      const keys = [...new Set(groups.flatMap((group) => Object.keys(group)))]
      return json(200, { data: keys.map((each) => ({ key: each, cardinality: groups.length })) })
    }
    if (key) {
      const found = new Set(this.metrics.get(name)?.groups.map((tags) => tags[key] ?? ''))
      return json(200, {
        data: [...found].filter((value) => value.includes(searchParams.get('search') ?? '')),
        truncated: false,
      })
    }
    const data = [...this.metrics].map(([metric, { groups, unit }]) => ({
      name: metric,
      kind: 'gauge',
      unit,
      description: '',
      attributes: [...new Set(groups.flatMap((tags) => Object.keys(tags)))],
      cardinality: groups.length,
      last_seen: new Date().toISOString(),
    }))
    return json(200, { data })
  }

  #queryTasks(query: TasksQuery): Response {
    const types = query.task_type === undefined ? undefined : [query.task_type].flat()
    const statuses = query.status === undefined ? undefined : [query.status].flat()
    const start = query.time_range?.start ?? 'now-1h'
    const fromMs = typeof start === 'number' ? start : Date.now() - relativeMs(String(start))
    const sign = query.order === 'asc' ? 1 : -1
    const key = (run: TaskRun) => (query.sort === 'duration_ms' ? run.duration_ms : Date.parse(run.start_time))
    const found = this.tasks
      .filter((run) => types?.includes(run.task_type) ?? true)
      .filter((run) => statuses?.includes(run.status) ?? true)
      .filter((run) => JSON.stringify(run).includes(query.search ?? ''))
      .filter((run) => Object.entries(query.filters ?? {}).every(([tag, value]) => tagOf(run, tag) === value))
      .filter((run) => Date.parse(run.start_time) >= fromMs)
      .sort((a, b) => sign * (key(a) - key(b)))
    return json(200, { data: found.slice(0, query.limit ?? 50), meta: { total: found.length, took_ms: 1 } })
  }
}

function tagOf(run: TaskRun, tag: string): unknown {
  return tag === 'parent.id' ? run.parent_id : run.context[tag]
}

interface Subscription {
  query: StreamQuery
  seq: number
  sentMs: number
}

export class FakeSocket {
  onopen: (() => void) | null = null
  onmessage: ((event: { data: string }) => void) | null = null
  onclose: ((event: { code: number; reason: string }) => void) | null = null
  readonly url: string
  readonly #collector: FakeCollector
  readonly #subscriptions = new Map<string, Subscription>()
  readonly #taskChannels = new Map<string, number>()
  #isClosed = false

  constructor(url: string, collector: FakeCollector) {
    this.url = url
    this.#collector = collector
    queueMicrotask(() => {
      if (!collector.up) return this.drop(1006)
      collector.sockets.add(this)
      this.onopen?.()
    })
  }

  send(text: string): void {
    const frame = JSON.parse(text) as ClientFrame
    this.#collector.received.push(frame)
    queueMicrotask(() => this.#handle(frame))
  }

  close(): void {
    this.#isClosed = true
    this.#collector.sockets.delete(this)
  }

  /** Closes from the collector's side. */
  drop(code: number, reason = ''): void {
    if (this.#isClosed) return
    this.close()
    this.onclose?.({ code, reason })
  }

  emit(frame: object): void {
    if (!this.#isClosed) this.onmessage?.({ data: JSON.stringify(frame) })
  }

  sendDeltas(): void {
    for (const [id, subscription] of this.#subscriptions) this.#update(id, subscription, 'delta')
  }

  sendTasks(data: TaskRun[]): void {
    for (const [id, seq] of this.#taskChannels) {
      this.#taskChannels.set(id, seq + 1)
      this.emit({ type: 'channel_update', id, seq: seq + 1, channel: 'tasks', data })
    }
  }

  #handle(frame: ClientFrame): void {
    if (this.#isClosed) return
    switch (frame.type) {
      case 'auth':
        if (frame.token === this.#collector.token) this.emit({ type: 'ready', server_time: new Date().toISOString() })
        else this.drop(4401, 'This token is not known.')
        break
      case 'ping':
        this.emit({ type: 'pong' })
        break
      case 'unsubscribe':
        this.#subscriptions.delete(frame.id)
        this.#taskChannels.delete(frame.id)
        break
      case 'subscribe':
        this.#subscribe(frame)
    }
  }

  #subscribe(frame: Extract<ClientFrame, { type: 'subscribe' }>): void {
    const { id } = frame
    if ('channel' in frame) {
      if (this.#collector.refusesTasksChannel) this.#refuse(id, 'not_found', 'No such channel.')
      else this.#taskChannels.set(id, 0)
    } else if (this.#collector.metrics.has(frame.query.metric_name)) {
      const subscription = { query: frame.query, seq: frame.resume ?? 0, sentMs: 0 }
      this.#subscriptions.set(id, subscription)
      this.#update(id, subscription, 'snapshot')
    } else {
      this.#refuse(id, 'unknown_metric', `No metric ${frame.query.metric_name}.`)
    }
  }

  #refuse(id: string, code: string, message: string): void {
    this.emit({ type: 'error', id, error: { code, message } })
  }

  #update(id: string, subscription: Subscription, mode: 'snapshot' | 'delta'): void {
    const metric = this.#collector.metrics.get(subscription.query.metric_name)
    if (!metric) return
    if (subscription.query.step === undefined) {
      this.#updateWhole(id, subscription, metric)
      return
    }
    const { stepMs, groups, signal, unit } = metric
    const rangeMs = relativeMs(`now-${subscription.query.range ?? '15m'}`)
    const nowMs = Date.now()
    const fromMs = mode === 'snapshot' ? nowMs - rangeMs : subscription.sentMs - stepMs
    const frame: MetricsColumnsFrame = {
      type: 'metrics_update',
      id,
      seq: ++subscription.seq,
      mode,
      groups: mode === 'snapshot' ? groups : [],
      group: [],
      times: [],
      values: [],
    }
    if (mode === 'snapshot') frame.meta = { step_ms: stepMs, range_ms: rangeMs, kind: 'gauge', unit }
    for (let t = Math.ceil(fromMs / stepMs) * stepMs; t <= nowMs; t += stepMs) {
      for (let g = 0; g < groups.length; g++) {
        const value = signal(t, g)
        if (value === null) continue
        frame.group.push(g)
        frame.times.push(t)
        frame.values.push(value)
      }
    }
    subscription.sentMs = nowMs
    this.emit(frame)
  }

  /** One value a group over the whole range: every frame replaces the one before. */
  #updateWhole(id: string, subscription: Subscription, metric: FakeMetric): void {
    const rangeMs = relativeMs(`now-${subscription.query.range ?? '15m'}`)
    const nowMs = Date.now()
    const frame: MetricsColumnsFrame = {
      type: 'metrics_update',
      id,
      seq: ++subscription.seq,
      mode: 'snapshot',
      groups: metric.groups,
      group: [],
      times: [],
      values: [],
      meta: { step_ms: rangeMs, range_ms: rangeMs, kind: 'gauge', unit: metric.unit },
    }
    for (let g = 0; g < metric.groups.length; g++) {
      const value = average(metric, nowMs - rangeMs, nowMs, g)
      if (value === null) continue
      frame.group.push(g)
      frame.times.push(nowMs - rangeMs)
      frame.values.push(value)
    }
    this.emit(frame)
  }
}

/** One value a group over the range, or the signal by its step. */
function columnsOf(metric: FakeMetric, query: MetricsQuery): MetricsColumns {
  const { start, end = 'now' } = query.time_range
  const endMs = typeof end === 'number' ? end : Date.now()
  const startMs = typeof start === 'number' ? start : endMs - relativeMs(start)
  const { step } = query
  const autoMs = Math.max(metric.stepMs, (endMs - startMs) / 300)
  const stepMs = step === undefined ? endMs - startMs : step === 'auto' ? autoMs : relativeMs(`now-${step}`)
  const timestamps = Array.from({ length: Math.ceil((endMs - startMs) / stepMs) }, (_, i) => startMs + i * stepMs)
  const series = metric.groups.map((tags, g) => ({
    tags,
    values: timestamps.map((timeMs) => average(metric, timeMs, timeMs + stepMs, g)),
  }))
  return {
    timestamps,
    series: query.limit ? series.slice(0, query.limit) : series,
    meta: {
      ...{ resolution: 'raw', kind: 'gauge', unit: metric.unit, cached: false, took_ms: 1 },
      step: step === undefined ? null : `${stepMs}ms`,
    },
  }
}

function json(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })
}

function relativeMs(text: string): number {
  const match = /^now-(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text)
  if (!match) throw new Error(`not relative: ${text}`)
  return Number(match[1]) * { ms: 1, s: 1e3, m: 6e4, h: 36e5, d: 864e5 }[match[2] as 'ms' | 's' | 'm' | 'h' | 'd']
}

function average(metric: FakeMetric, fromMs: number, toMs: number, group = 0): number | null {
  let sum = 0
  let count = 0
  for (let t = fromMs; t < toMs; t += Math.max(metric.stepMs, (toMs - fromMs) / 500)) {
    const value = metric.signal(t, group)
    if (value === null) continue
    sum += value
    count++
  }
  return count > 0 ? sum / count : null
}
