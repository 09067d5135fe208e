/**
 * Tags that look at the same thing: a named group shares what its pickers and charts set, so that a zoom in one chart, a
 * cursor, a range or a filter is followed by all of them. Lives as long as anybody is in it.
 */
import type { Filters, Interval } from '@telltale/protocol/api'

/** A window of time, Unix ms. */
export interface Span {
  startMs: number
  endMs: number
}

/** What a member leaves undefined is up to each tag's own attributes. */
export interface GroupView {
  /** Where a pointer or a key has put the cursor. */
  cursorMs: number | null
  /** A window that was zoomed or panned to; null: what was chosen. */
  span: Span | null
  /** A window that was chosen and does not move; null: the moving range. */
  fixed: Span | null
  /** Width of the moving window, such as `1h`. */
  range: string | undefined
  /** `off`: nothing moves until it is set again. */
  interval: Interval | 'off' | undefined
  /** Beside each tag's own filters. */
  filters: Filters
  /** An IANA name. */
  timeZone: string | undefined
}

export type GroupPart = keyof GroupView

/** Told once a change, with the parts that changed and who changed them. */
export type GroupListener = (changed: ReadonlySet<GroupPart>, source: object) => void

const nothingSet: GroupView = {
  cursorMs: null,
  span: null,
  fixed: null,
  range: undefined,
  interval: undefined,
  filters: {},
  timeZone: undefined,
}

export class Group {
  #view: GroupView = nothingSet
  readonly #listeners = new Set<GroupListener>()
  readonly #onEmpty: () => void

  constructor(onEmpty: () => void) {
    this.#onEmpty = onEmpty
  }

  get view(): Readonly<GroupView> {
    return this.#view
  }

  /** Sets the parts that are given and tells everybody, the source included. */
  set(parts: Partial<GroupView>, source: object): void {
    const changed = new Set<GroupPart>()
    for (const part of Object.keys(parts) as GroupPart[]) {
      if (JSON.stringify(parts[part]) !== JSON.stringify(this.#view[part])) changed.add(part)
    }
    if (changed.size === 0) return
    this.#view = { ...this.#view, ...parts }
    for (const listener of [...this.#listeners]) listener(changed, source)
  }

  join(listener: GroupListener): () => void {
    this.#listeners.add(listener)
    return () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#onEmpty()
    }
  }
}

const groups = new Map<string, Group>()

export function groupNamed(name: string): Group {
  let group = groups.get(name)
  if (!group) {
    group = new Group(() => {
      if (groups.get(name) === group) groups.delete(name)
    })
    groups.set(name, group)
  }
  return group
}
