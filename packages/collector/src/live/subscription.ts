/** One subscription of one socket: numbers its frames and keeps a slow peer from being flooded. */
import type { Interval } from '@telltale/protocol/api'
import type { Aggregate } from './aggregate.js'
import type { Channel, ChannelSubscriber } from './channel.js'
import type { Feed, FeedSubscriber } from './feed.js'
import { type Encoding, frameHead } from './frames.js'

/** The socket, as its subscriptions see it. */
export interface Peer {
  /** False while it is slow. */
  canSend(): boolean
  /** Sends head and body as one frame. */
  sendUpdate(head: string, body: Buffer, isSnapshot: boolean): void
  countSkipped(): void
}

export class MetricSubscription implements FeedSubscriber {
  readonly encoding: Encoding
  readonly aggregate: Aggregate
  readonly interval: Interval
  isStale = false
  feed: Feed | undefined
  readonly #peer: Peer
  readonly #head: string
  #seq: number

  constructor(peer: Peer, id: string, encoding: Encoding, aggregate: Aggregate, interval: Interval, resumeSeq: number) {
    this.#peer = peer
    this.encoding = encoding
    this.aggregate = aggregate
    this.interval = interval
    this.#head = frameHead('metrics_update', id)
    this.#seq = resumeSeq
  }

  canSend(): boolean {
    return this.#peer.canSend()
  }

  send(body: Buffer, kind: 'snapshot' | 'delta'): void {
    this.#seq++
    this.#peer.sendUpdate(`${this.#head}${this.#seq},`, body, kind === 'snapshot')
  }

  skip(): void {
    this.#peer.countSkipped()
  }

  /** Sends the snapshot that is due, if the peer can take it. */
  catchUp(): void {
    if (this.isStale) this.feed?.sendSnapshot(this)
  }

  close(): void {
    this.aggregate.unsubscribe(this, this.interval)
  }
}

export class ChannelSubscription implements ChannelSubscriber {
  readonly channel: Channel
  skippedRows = 0
  readonly isStale = false
  readonly #peer: Peer
  readonly #head: string
  #seq = 0

  constructor(peer: Peer, id: string, channel: Channel) {
    this.#peer = peer
    this.channel = channel
    this.#head = frameHead('channel_update', id)
  }

  canSend(): boolean {
    return this.#peer.canSend()
  }

  sendRows(body: Buffer, skipped: number): void {
    this.#seq++
    const left = skipped > 0 ? `"skipped":${skipped},` : ''
    this.#peer.sendUpdate(`${this.#head}${this.#seq},${left}`, body, false)
  }

  skip(): void {
    this.#peer.countSkipped()
  }

  catchUp(): void {
    // Rows that were missed are told by their number with the next frame.
  }

  close(): void {
    this.channel.subscribers.delete(this)
  }
}

export type Subscription = MetricSubscription | ChannelSubscription
