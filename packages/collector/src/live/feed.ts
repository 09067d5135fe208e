/** One aggregate at one interval: finds what has changed since its last tick and sends that, made once, to everybody. */
import type { StreamMeta } from '@telltale/protocol/api'
import { allCells, changedCells, columnsData, type Encoding, rowsData } from './frames.js'
import type { LiveState, LiveWindow } from './planner.js'

/** A subscription, as its feed sees it. */
export interface FeedSubscriber {
  readonly encoding: Encoding
  /** It has missed something and waits for a snapshot. */
  isStale: boolean
  /** False while the peer is slow. */
  canSend(): boolean
  /** Sends the head and this body as one frame. */
  send(body: Buffer, kind: 'snapshot' | 'delta'): void
  /** Counts an update that it did not get. */
  skip(): void
}

/** Where a feed gets its states. */
export interface FeedSource {
  readonly meta: StreamMeta
  readonly window: LiveWindow | undefined
}

/** What a stream shows whose metric has not been seen. */
export const emptyState: LiveState = { timesMs: new Float64Array(0), groups: [], values: new Float64Array(0) }

export class Feed {
  readonly subscribers = new Set<FeedSubscriber>()
  readonly #source: FeedSource
  readonly #onSerialised: () => void
  /** What subscribers have been told. */
  #told: LiveState | undefined
  /** For columns: clients' numbers of groups, in the order in which they were told. */
  readonly #numbers = new Map<number, number>()
  /** The last snapshots made, by encoding; many sockets often ask for the same one. */
  readonly #snapshots = new Map<Encoding, { state: LiveState; body: Buffer }>()

  constructor(source: FeedSource, onSerialised: () => void) {
    this.#source = source
    this.#onSerialised = onSerialised
  }

  /** Forgets what was told: everybody is due a snapshot. */
  reset(): void {
    this.#told = undefined
    this.#numbers.clear()
    this.#snapshots.clear()
    for (const subscriber of this.subscribers) subscriber.isStale = true
  }

  /** Sends the state as it is now to a new subscriber. */
  welcome(subscriber: FeedSubscriber, state: LiveState): void {
    this.subscribers.add(subscriber)
    if (this.#told === undefined) this.#tell(state)
    if (this.#told === state) {
      subscriber.isStale = true
      this.sendSnapshot(subscriber)
      return
    }
    // Newer than what the others know: the next delta repeats a few values. Where it would also number groups anew, a
    // snapshot takes its place.
    const knowsAll = state.groups.every((group) => this.#numbers.has(group)) && !this.#source.window?.isRanked
    if (!knowsAll || !subscriber.canSend()) {
      subscriber.isStale = true
      this.sendSnapshot(subscriber)
      return
    }
    subscriber.isStale = false
    subscriber.send(this.#snapshot(state, subscriber.encoding), 'snapshot')
  }

  /** Sends what the others know, if the peer can take it. */
  sendSnapshot(subscriber: FeedSubscriber): void {
    if (this.#told === undefined || !subscriber.isStale || !subscriber.canSend()) return
    subscriber.isStale = false
    subscriber.send(this.#snapshot(this.#told, subscriber.encoding), 'snapshot')
  }

  tick(state: LiveState): void {
    const before = this.#told
    if (before !== state) this.#advance(before, state)
    for (const subscriber of this.subscribers) {
      if (subscriber.isStale && !subscriber.canSend()) subscriber.skip()
      else this.sendSnapshot(subscriber)
    }
  }

  #advance(before: LiveState | undefined, state: LiveState): void {
    const window = this.#source.window
    if (window === undefined) {
      this.#tell(state)
      return
    }
    if (before === undefined || window.isWhole || this.#someLeft(before, state, window)) {
      const isSame = before !== undefined && sameStates(before, state)
      this.#numbers.clear()
      this.#tell(state)
      if (!isSame) for (const subscriber of this.subscribers) subscriber.isStale = true
      return
    }
    const newGroups = state.groups.filter((group) => !this.#numbers.has(group))
    const cells = changedCells(before, state, window)
    this.#tell(state)
    if (cells.group.length === 0 && newGroups.length === 0) return
    const bodies = new Map<Encoding, Buffer>()
    for (const subscriber of this.subscribers) {
      if (subscriber.isStale) continue
      if (!subscriber.canSend()) {
        subscriber.isStale = true
        continue
      }
      let body = bodies.get(subscriber.encoding)
      if (body === undefined) {
        const data =
          subscriber.encoding === 'rows'
            ? rowsData(cells, state, window)
            : columnsData(cells, state, window, newGroups, this.#numbers)
        body = this.#serialised(`"mode":"delta",${data}}`)
        bodies.set(subscriber.encoding, body)
      }
      subscriber.send(body, 'delta')
    }
  }

  /**
   * A delta can't take a group away: where ranks decide who is shown, or gaps are filled (so that values do not simply
   * leave with their buckets), everybody gets a snapshot.
   */
  #someLeft(before: LiveState, state: LiveState, window: LiveWindow): boolean {
    if (!window.isRanked && !window.showsGaps) return false
    const shown = new Set(state.groups)
    return before.groups.some((group) => !shown.has(group))
  }

  #tell(state: LiveState): void {
    this.#told = state
    this.#snapshots.clear()
    for (const group of state.groups) if (!this.#numbers.has(group)) this.#numbers.set(group, this.#numbers.size)
  }

  #snapshot(state: LiveState, encoding: Encoding): Buffer {
    const known = this.#snapshots.get(encoding)
    if (known?.state === state) return known.body
    const body = this.#snapshotBody(state, encoding)
    this.#snapshots.set(encoding, { state, body })
    return body
  }

  #snapshotBody(state: LiveState, encoding: Encoding): Buffer {
    const { window, meta } = this.#source
    let data = encoding === 'rows' ? '"data":[]' : '"groups":[],"group":[],"times":[],"values":[]'
    if (window !== undefined) {
      const cells = allCells(state, window)
      data =
        encoding === 'rows'
          ? rowsData(cells, state, window)
          : columnsData(cells, state, window, [...this.#numbers.keys()], this.#numbers)
    }
    return this.#serialised(`"mode":"snapshot",${data},"meta":${JSON.stringify(meta)}}`)
  }

  #serialised(body: string): Buffer {
    this.#onSerialised()
    return Buffer.from(body)
  }
}

/** Where each state replaces the one before, equal ones need not be sent. */
function sameStates(a: LiveState, b: LiveState): boolean {
  if (a.groups.length !== b.groups.length || a.values.length !== b.values.length) return false
  if (a.groups.some((group, i) => group !== b.groups[i])) return false
  for (let i = 0; i < a.values.length; i++) if (!Object.is(a.values[i], b.values[i])) return false
  return true
}
