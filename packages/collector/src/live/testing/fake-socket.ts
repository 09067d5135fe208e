/** A WebSocket without a network: remembers what was sent, and can be as slow as a test needs. */
import { EventEmitter } from 'node:events'
import type { ServerFrame } from '@telltale/protocol/api'
import type { WebSocket } from 'ws'

type Sent = ServerFrame & Record<string, unknown>

export class FakeSocket extends EventEmitter {
  readonly sent: Sent[] = []
  bufferedAmount = 0
  closedWith: number | undefined
  pings = 0
  isTerminated = false
  answersPings = true
  readonly #flushed: (() => void)[] = []

  /** As the hub takes it. */
  get asWebSocket(): WebSocket {
    return this as unknown as WebSocket
  }

  /** Frames of one subscription. */
  of(id: string): Sent[] {
    return this.sent.filter((frame) => frame.id === id)
  }

  last(id: string): Sent {
    return this.of(id).at(-1)!
  }

  receive(frame: unknown): void {
    this.emit('message', Buffer.from(typeof frame === 'string' ? frame : JSON.stringify(frame)), false)
  }

  send(data: string | Buffer, _options: object, flushed: () => void): void {
    this.sent.push(JSON.parse(String(data)) as Sent)
    this.#flushed.push(flushed)
  }

  /** The peer has read everything. */
  drain(): void {
    this.bufferedAmount = 0
    for (const flushed of this.#flushed.splice(0)) flushed()
  }

  ping(): void {
    this.pings++
    if (this.answersPings) this.emit('pong')
  }

  close(code: number): void {
    if (this.closedWith !== undefined) return
    this.closedWith = code
    this.emit('close')
  }

  terminate(): void {
    this.isTerminated = true
    this.emit('close')
  }
}
