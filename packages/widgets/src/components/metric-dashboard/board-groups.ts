/** What a board tells its widgets: range, refresh, filters and time zone, through a group; and the page's address, if asked. */
import type { Filters, Interval } from '@telltale/protocol/api'
import type { BoardContent } from '../../board/document.js'
import { isSame } from '../../board/document.js'
import { type Group, type GroupView, groupNamed, type Span } from '../../client/group.js'
import type { HostGroups } from './widget-host.js'

const intervals: readonly [Interval, number][] = [
  ['1s', 1],
  ['5s', 5],
  ['30s', 30],
  ['1m', 60],
]

const nothingPicked = { filters: {}, range: undefined, fixed: null, interval: undefined, timeZone: undefined }

type BoardTime = Pick<BoardContent, 'time_range' | 'time_zone' | 'refreshInterval' | 'filters'>

export class BoardGroups {
  readonly names: HostGroups
  /** What the pickers begin with: as the page's address has it, else as the board is stored. */
  start: Pick<GroupView, 'filters' | 'range' | 'fixed' | 'interval' | 'timeZone'> = { ...nothingPicked }
  #moving: Group | undefined
  #fixed: Group | undefined
  #leave: (() => void)[] = []
  #followed: BoardTime | undefined
  #syncsUrl: () => boolean = () => false

  constructor(name: string) {
    this.names = { moving: name, fixed: `${name}-fixed` }
  }

  connect(syncsUrl: () => boolean): void {
    this.#syncsUrl = syncsUrl
    this.#moving = groupNamed(this.names.moving)
    this.#fixed = groupNamed(this.names.fixed)
    this.#leave = [
      this.#moving.join((parts, source) => {
        const { filters, interval, timeZone } = this.#moving!.view
        this.#fixed!.set({ filters, interval, timeZone }, this)
        if (source !== this && ['range', 'fixed', 'span', 'filters'].some((part) => parts.has(part as keyof GroupView)))
          this.#writeUrl()
      }),
      // Keeps the group while no widget is in it.
      this.#fixed.join(() => {}),
    ]
    this.#followed = undefined
  }

  disconnect(): void {
    for (const leave of this.#leave) leave()
    this.#leave = []
    this.#moving = this.#fixed = undefined
  }

  /** What the board's charts show now. */
  window(nowMs: number): Span {
    const { span, fixed, range } = this.#moving?.view ?? { span: null, fixed: null, range: undefined }
    return span ?? fixed ?? { startMs: nowMs - secondsOf(range ?? '1h') * 1000, endMs: nowMs }
  }

  /** Where a pointer or a key has put the cursor of the charts. */
  get cursorMs(): number | null {
    return this.#moving?.view.cursorMs ?? null
  }

  /** Takes over what the board says about time and filters, when that is new; what its reader chose since goes. */
  follow({ time_range, time_zone, refreshInterval, filters }: BoardContent): void {
    const time = { time_range, time_zone, refreshInterval, filters }
    if (!this.#moving || isSame(time, this.#followed)) return
    const isFirst = this.#followed === undefined
    this.#followed = time
    const view: Partial<GroupView> = {
      ...rangeOf(time_range),
      timeZone: time_zone,
      interval: intervalOf(refreshInterval),
      filters: filtersOf(filters),
    }
    const shown = { ...view, ...(isFirst && this.#syncsUrl() ? this.#readUrl(view.filters ?? {}) : {}) }
    this.start = { ...nothingPicked, ...shown }
    this.#moving.set(shown, this)
  }

  #readUrl(stored: Filters): Partial<GroupView> {
    const parameters = new URLSearchParams(location.search)
    const range = parameters.get('range')
    const filters: Filters = { ...stored }
    for (const [name, value] of parameters) {
      if (name.startsWith('var-') && value !== '') filters[name.slice(4)] = { in: value.split(',') }
    }
    const from = Number(parameters.get('from'))
    const to = Number(parameters.get('to'))
    return {
      ...(range && /^\d+(ms|s|m|h|d|w)$/.test(range) ? { range } : {}),
      ...(from > 0 && to > from ? { fixed: { startMs: from, endMs: to } } : {}),
      ...(Object.keys(filters).length > 0 ? { filters } : {}),
    }
  }

  #writeUrl(): void {
    if (!this.#syncsUrl() || !this.#moving) return
    const { range, fixed, span, filters } = this.#moving.view
    const window = span ?? fixed
    const url = new URL(location.href)
    for (const name of [...url.searchParams.keys()]) {
      if (name.startsWith('var-') || ['range', 'from', 'to'].includes(name)) url.searchParams.delete(name)
    }
    if (window) {
      url.searchParams.set('from', String(Math.round(window.startMs)))
      url.searchParams.set('to', String(Math.round(window.endMs)))
    } else if (range) url.searchParams.set('range', range)
    for (const [tag, filter] of Object.entries(filters)) {
      const values = typeof filter === 'object' ? filter.in : [filter]
      if (values) url.searchParams.set(`var-${tag}`, values.join(','))
    }
    history.replaceState(history.state, '', url)
  }
}

/** `now-6h` is a moving range; two fixed ends are a window. */
function rangeOf(time: BoardContent['time_range']): Partial<GroupView> {
  if (!time) return {}
  const relative = typeof time.start === 'string' ? /^now-(\d+(?:ms|s|m|h|d|w))$/.exec(time.start) : null
  if (relative && (time.end === undefined || time.end === 'now')) return { range: relative[1], fixed: null }
  const startMs = typeof time.start === 'number' ? time.start : Date.parse(time.start)
  const endMs = typeof time.end === 'number' ? time.end : Date.parse(time.end ?? '')
  return endMs > startMs ? { fixed: { startMs, endMs } } : {}
}

/** The slowest refresh that is no slower than what is asked for; a number is seconds. */
function intervalOf(refresh: BoardContent['refreshInterval']): GroupView['interval'] {
  if (refresh === undefined) return undefined
  const seconds = typeof refresh === 'number' ? refresh : secondsOf(refresh)
  if (seconds === 0) return 'off'
  if (seconds < 1) return 'live'
  return intervals.findLast(([, length]) => length <= seconds)?.[0]
}

function secondsOf(duration: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/.exec(duration)
  const unit: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }
  return match ? Number(match[1]) * unit[match[2]!]! : Number.NaN
}

/** Fixed conditions as they are; controls by the values that are picked at first. */
function filtersOf(filters: BoardContent['filters']): Filters {
  if (!Array.isArray(filters)) return filters ?? {}
  const picked = filters.filter(({ values }) => values && values.length > 0)
  return Object.fromEntries(picked.map(({ tag, values }) => [tag, { in: [...values!] }]))
}
