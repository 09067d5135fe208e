/**
 * Where a chart's data come from: live queries for the moving window, answers for windows of the past (a zoom's finer
 * steps, a fixed range), and for the period before, which is laid over the present one.
 */
import type { LitElement, ReactiveController } from 'lit'
import { buildChartData, type ChartData, type ChartSource, takeSettled } from '../../chart/model.js'
import { parseDurationMs } from '../../client/clock.js'
import { ClientError } from '../../client/errors.js'
import type { Span } from '../../client/group.js'
import type { SeriesView } from '../../client/series-store.js'
import type { ClientController } from '../../controllers/client-controller.js'
import { LiveQueriesController } from '../../controllers/live-queries-controller.js'
import type { RangeQueriesController, RangeRequest } from '../../controllers/range-queries-controller.js'
import type { WidgetState } from '../../controllers/widget-state.js'
import { aggregateUnit } from '../../format/unit.js'
import { isAdditive } from '../shared/sample-code.js'
import { namesOf, pastQuery, type SeriesSpec } from './series-spec.js'

export interface FeedHost extends LitElement {
  readonly compareTo: string
}

export interface FeedWishes {
  /** Throws a `ClientError` where an attribute makes no sense. */
  specs(): SeriesSpec[]
  window(): Span
  isLive(): boolean
  rangeMs(): number
  changed(): void
}

/** Samples take a moment from the application to here: a bucket is whole only after that. */
const settleMs = 2000

export class ChartFeed implements ReactiveController {
  specs: SeriesSpec[] = []
  readonly #host: FeedHost
  readonly #wishes: FeedWishes
  readonly #live: LiveQueriesController
  readonly #source: ClientController
  /** Most charts never leave the present: what asks for the past is loaded with the first that does. */
  #past: RangeQueriesController | undefined
  #isLoading = false

  constructor(host: FeedHost, source: ClientController, wishes: FeedWishes) {
    this.#host = host
    this.#wishes = wishes
    this.#live = new LiveQueriesController(host, source, () => this.#requests(), wishes.changed)
    this.#source = source
    host.addController(this)
  }

  hostUpdated(): void {
    if (!this.#past && !this.#isLoading && this.#ranges().length > 0) void this.#loadPast()
  }

  get state(): WidgetState {
    return this.#live.state
  }

  get nowMs(): number {
    return this.#live.nowMs
  }

  /** A window of the past has been asked for and not been answered yet. */
  get isAsking(): boolean {
    return this.specs.some((_, i) => !this.#past?.answer(`span ${i}`) && !this.#past?.error(`span ${i}`))
  }

  /** Why the window of the past, or the period before, is not shown as it should be. */
  get rangeError(): ClientError | undefined {
    const slots = this.specs.flatMap((_, i) => [`span ${i}`, `before ${i}`])
    return slots.map((slot) => this.#past?.error(slot)).find((error) => error && error.code !== 'unknown_metric')
  }

  retry(): void {
    this.#live.retry()
  }

  /** What is to be drawn; undefined while nothing has been answered. `refreshAtMs`: when a bucket will have become whole. */
  read(
    hidden: ReadonlySet<string>,
    title: string,
    compareTo: string,
    breakAtEveryHole: boolean,
  ): { data: ChartData; refreshAtMs: number } | undefined {
    const names = namesOf(this.specs, title)
    let refreshAtMs = 0
    const present = this.specs.flatMap((spec, i) => {
      const answer = this.#answerOf(i)
      if (!answer) return []
      const { shown, unfinishedUntilMs } = this.#settle(spec, answer)
      if (unfinishedUntilMs > 0)
        refreshAtMs = refreshAtMs > 0 ? Math.min(refreshAtMs, unfinishedUntilMs) : unfinishedUntilMs
      return [{ spec, i, source: sourceOf(spec, shown, names[i]) }]
    })
    if (present.length === 0) return undefined
    const ghosts = compareTo ? present.flatMap(({ spec, i }) => this.#ghostOf(spec, i, names[i], compareTo)) : []
    const sources = [...present.map(({ source }) => source), ...ghosts]
    return { data: buildChartData(sources, hidden, breakAtEveryHole), refreshAtMs }
  }

  async #loadPast(): Promise<void> {
    this.#isLoading = true
    try {
      const { RangeQueriesController } = await import('../../controllers/range-queries-controller.js')
      this.#past = new RangeQueriesController(this.#host, this.#source, () => this.#ranges(), this.#wishes.changed)
      this.#host.requestUpdate()
    } catch {
      // The present is still shown; the next update tries again.
    }
    this.#isLoading = false
  }

  #requests() {
    try {
      this.specs = this.#wishes.specs()
      return this.specs.map(({ request }) => request)
    } catch (error) {
      this.specs = []
      if (error instanceof ClientError) return error
      throw error
    }
  }

  /** The answer for the window where there is one, else what the stream holds. */
  #answerOf(i: number): Answer | undefined {
    const store = this.#live.lives[i]?.store
    const live = store?.meta && {
      view: store.view(),
      groups: store.groups,
      stepMs: store.meta.step_ms,
      unit: store.meta.unit,
    }
    if (this.#wishes.isLive()) return live && { ...live, isLive: true }
    const past = this.#past?.answer(`span ${i}`)
    const window = this.#wishes.window()
    const slackMs = (window.endMs - window.startMs) * 0.02
    const covers = past && past.span.startMs <= window.startMs + slackMs && past.span.endMs >= window.endMs - slackMs
    if (covers || (past && !live)) return { ...past, isLive: false }
    return live ? { ...live, isLive: true } : undefined
  }

  #settle(spec: SeriesSpec, answer: Answer): { shown: Answer & { settledMs: number }; unfinishedUntilMs: number } {
    // What adds up grows while its bucket lasts: an unfinished one would look like a fall.
    const mayGrow = answer.isLive && isAdditive(spec.aggregation)
    const settledMs = mayGrow ? this.nowMs - settleMs : Number.POSITIVE_INFINITY
    const { view, stepMs } = answer
    const settled = spec.type === 'bar' ? view : takeSettled(view, stepMs, settledMs)
    const nextMs = view.timesMs[settled.timesMs.length]
    const unfinishedUntilMs = nextMs === undefined ? 0 : nextMs + stepMs + settleMs
    return { shown: { ...answer, view: settled, settledMs }, unfinishedUntilMs }
  }

  #ghostOf(spec: SeriesSpec, i: number, names: { name: string; suffix: string }, compareTo: string): ChartSource[] {
    const before = this.#past?.answer(`before ${i}`)
    if (!before) return []
    const shiftMs = parseDurationMs(compareTo)
    const view = { timesMs: before.view.timesMs.map((timeMs) => timeMs + shiftMs), columns: before.view.columns }
    return [{ ...sourceOf(spec, { ...before, view, settledMs: Number.POSITIVE_INFINITY }, names), isGhost: true }]
  }

  #ranges(): RangeRequest[] {
    const { compareTo } = this.#host
    const window = this.#wishes.window()
    const isLive = this.#wishes.isLive()
    return this.specs.flatMap((spec, i) => {
      const requests: RangeRequest[] = []
      if (!isLive) requests.push({ slot: `span ${i}`, span: window, query: pastQuery(spec, window) })
      const stepMs = this.#answerOf(i)?.stepMs
      if (compareTo && stepMs) {
        const span = isLive ? this.#chunk(window) : window
        const shiftMs = parseDurationMs(compareTo)
        const earlier = { startMs: span.startMs - shiftMs, endMs: span.endMs - shiftMs }
        requests.push({ slot: `before ${i}`, span, query: pastQuery(spec, earlier, stepMs) })
      }
      return requests
    })
  }

  /** A window that stays the same while the live one moves through it, so that the past is asked for rarely. */
  #chunk({ startMs }: Span): Span {
    const rangeMs = this.#wishes.rangeMs()
    const chunkMs = Math.max(60_000, rangeMs / 8)
    const from = Math.floor(startMs / chunkMs) * chunkMs
    return { startMs: from, endMs: from + rangeMs + 2 * chunkMs }
  }
}

interface Answer {
  view: SeriesView
  groups: ChartSource['groups']
  stepMs: number
  unit: string
  isLive?: boolean
}

function sourceOf(
  spec: SeriesSpec,
  { view, groups, stepMs, unit, settledMs }: Answer & { settledMs: number },
  { name, suffix }: { name: string; suffix: string },
): ChartSource {
  const { type, axis, metric, aggregation } = spec
  const shownUnit = spec.unit ?? aggregateUnit(unit, aggregation)
  return {
    view,
    groups,
    stepMs,
    type,
    axis,
    unit: shownUnit,
    metric,
    aggregation,
    name,
    suffix,
    settledBeforeMs: settledMs,
  }
}
