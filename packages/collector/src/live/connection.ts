/**
 * One socket: authenticates it, reads its frames, and decides by its unsent bytes what it still gets.
 *
 *   unsent bytes   0 ───── 256 KiB ─────────── 1 MiB
 *                  all      no updates, then    closed with 4408, as after 10 s
 *                           one snapshot        without any progress
 */
import type { WebSocket } from 'ws'
import { TelltaleError } from '../errors.js'
import type { Principal } from '../model.js'
import { type Frame, readClientFrame } from './client-frame.js'
import { FrameBatch } from './frame-batch.js'
import { type Encoding, errorFrame } from './frames.js'
import type { HubLimits, HubLog } from './options.js'
import type { Peer, Subscription } from './subscription.js'

/** Codes with which the collector closes a stream. */
export const closeCode = { goingAway: 1001, unauthorized: 4401, forbidden: 4403, tooSlow: 4408, tooManyFrames: 4429 }

export interface StreamCounters {
  framesSent: number
  bytesSent: number
  /** Updates merged into a later one because a peer was slow. */
  coalesced: number
  closedSlow: number
}

export interface ConnectionContext {
  now(): number
  limits: HubLimits
  log: HubLog | undefined
  counters: StreamCounters
  authenticate(token: string): Promise<Principal>
  subscribe(connection: Connection, frame: SubscribeFrames): void
  onClose(connection: Connection): void
}

/** The connection under a socket. A tick's updates are put into one piece and written to it, past the socket. */
export interface Wire {
  write(bytes: Buffer, written: () => void): unknown
}

export type SubscribeFrames = Extract<Frame, { type: 'subscribe' }>

export class Connection implements Peer {
  readonly subscriptions = new Map<string, Subscription>()
  principal: Principal | undefined
  encoding: Encoding = 'rows'
  readonly #socket: WebSocket
  readonly #context: ConnectionContext
  readonly #wire: Wire | undefined
  readonly #openedMs: number
  #isClosed = false
  /** Updates of this tick that are not written yet. */
  readonly #batch = new FrameBatch()
  #isAuthenticating = false
  /** Frames that came while authentication was under way. */
  #pending: Frame[] = []
  /** Bytes of the last snapshot: one may be larger than what a slow peer is allowed. */
  #snapshotBytes = 0
  /** Since when it waits for room without having got any. */
  #behindSinceMs: number | undefined
  /** Something was held back from it. */
  #isBehind = false
  #heardMs: number
  #pingedMs: number | undefined

  constructor(socket: WebSocket, context: ConnectionContext, wire?: Wire) {
    this.#socket = socket
    this.#context = context
    this.#wire = wire
    this.#openedMs = context.now()
    this.#heardMs = this.#openedMs
    socket.on('message', (data, isBinary) => this.#onMessage(data, isBinary))
    socket.on('pong', () => this.#heard())
    socket.on('close', () => this.#onClose())
    // ws closes the socket after an error; without a listener it would end the process.
    socket.on('error', (error) => context.log?.warn({ err: error }, 'a stream was broken by its peer'))
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  canSend(): boolean {
    if (this.#isClosed) return false
    if (this.#unsentBytes <= this.#context.limits.pauseAtBytes) return true
    this.#isBehind = true
    this.#behindSinceMs ??= this.#context.now()
    this.#closeIfTooSlow()
    return false
  }

  sendUpdate(head: string, body: Buffer, isSnapshot: boolean): void {
    if (isSnapshot) this.#snapshotBytes = body.length
    this.#behindSinceMs = undefined
    if (this.#isClosed) return
    if (this.#wire === undefined) {
      this.#send(Buffer.concat([Buffer.from(head), body]))
      return
    }
    // A page of twenty charts gets twenty frames a tick: a write for each costs the core more than all the rest.
    if (this.#batch.bytes === 0) process.nextTick(this.#flush)
    const { counters } = this.#context
    counters.framesSent++
    counters.bytesSent += this.#batch.add(head, body)
  }

  sendError(error: TelltaleError, id?: string): void {
    this.#send(errorFrame(error.code, error.message, id))
  }

  countSkipped(): void {
    this.#context.counters.coalesced++
  }

  close(code: number, reason: string): void {
    if (this.#isClosed) return
    this.#flush()
    this.#socket.close(code, reason)
    this.#onClose()
  }

  /** Closes, and resolves when the peer is gone or has had its time. */
  goodbye(code: number, reason: string): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#socket.terminate(), this.#context.limits.closeTimeoutMs)
      this.#socket.once('close', () => {
        clearTimeout(timer)
        resolve()
      })
      this.close(code, reason)
    })
  }

  terminate(): void {
    this.#socket.terminate()
    this.#onClose()
  }

  /** Once a second: time limits, the peer's life, and what a slow peer has missed. */
  check(nowMs: number): void {
    if (this.#isClosed) return
    const { limits } = this.#context
    if (this.principal === undefined && nowMs - this.#openedMs >= limits.authTimeoutMs) {
      this.#refuse(new TelltaleError('unauthorized', 'No credential came in time: send an auth frame first.'))
      return
    }
    const expiresMs = this.principal?.expiresMs
    if (expiresMs !== undefined && nowMs >= expiresMs) {
      this.#refuse(new TelltaleError('token_expired', 'The token has expired: connect again with a new one.'))
      return
    }
    if (this.#pingedMs !== undefined && nowMs - this.#pingedMs >= limits.pingIntervalMs) {
      this.terminate()
      return
    }
    if (this.#pingedMs === undefined && nowMs - this.#heardMs >= limits.pingIntervalMs) {
      this.#pingedMs = nowMs
      this.#socket.ping()
    }
    this.catchUp()
  }

  /** Sends snapshots that are due, as long as there is room. */
  catchUp(): void {
    if (!this.#isBehind) return
    for (const subscription of this.subscriptions.values()) {
      if (!subscription.isStale) continue
      if (!this.canSend()) return
      subscription.catchUp()
    }
    this.#isBehind = false
  }

  remove(id: string): void {
    this.subscriptions.get(id)?.close()
    this.subscriptions.delete(id)
  }

  #send(frame: string | Buffer): void {
    if (this.#isClosed) return
    const { counters } = this.#context
    counters.framesSent++
    counters.bytesSent += frame.length
    this.#flush()
    this.#socket.send(frame, { binary: false }, this.#written)
  }

  /** Before any other frame, so that all arrive in their order. A socket that is being closed says no more. */
  readonly #flush = (): void => {
    if (this.#batch.bytes === 0) return
    const frames = this.#batch.take()
    if (this.#socket.readyState === this.#socket.OPEN) this.#wire?.write(frames, this.#written)
  }

  readonly #written = (): void => {
    if (this.#unsentBytes <= this.#context.limits.pauseAtBytes) this.catchUp()
  }

  get #unsentBytes(): number {
    return this.#socket.bufferedAmount + this.#batch.bytes
  }

  #closeIfTooSlow(): void {
    const { limits, counters, now } = this.#context
    const unsent = this.#unsentBytes - this.#snapshotBytes
    const behindMs = this.#behindSinceMs === undefined ? 0 : now() - this.#behindSinceMs
    if (unsent <= limits.closeAtBytes && behindMs < limits.maxBehindMs) return
    counters.closedSlow++
    this.#send(errorFrame('too_slow', 'The client reads too slowly: subscribe to less, or with a longer interval.'))
    this.close(closeCode.tooSlow, 'too slow')
    // The goodbye waits behind what the peer does not read.
    setTimeout(() => this.#socket.terminate(), limits.closeTimeoutMs).unref()
  }

  #onMessage(data: unknown, isBinary: boolean): void {
    if (this.#isClosed) return
    this.#heard()
    if (isBinary) {
      this.sendError(new TelltaleError('invalid_request', 'Frames are JSON text, not binary.'))
      return
    }
    const read = readClientFrame(String(data))
    if ('frame' in read) {
      this.#take(read.frame)
      return
    }
    if (this.principal === undefined && !this.#isAuthenticating) {
      this.#refuse(read.error)
      return
    }
    this.sendError(read.error, read.id)
  }

  #take(frame: Frame): void {
    if (this.#isAuthenticating) {
      if (this.#pending.length < this.#context.limits.maxPendingFrames) this.#pending.push(frame)
      else this.close(closeCode.tooManyFrames, 'too many frames before authentication')
      return
    }
    if (frame.type === 'auth') {
      void this.#authenticate(frame.token, frame.encoding)
      return
    }
    if (this.principal === undefined) {
      this.#refuse(new TelltaleError('unauthorized', 'The first frame must be {"type":"auth","token":…}.'))
      return
    }
    switch (frame.type) {
      case 'ping':
        this.#send('{"type":"pong"}')
        return
      case 'unsubscribe':
        this.remove(frame.id)
        this.#send(JSON.stringify({ type: 'unsubscribed', id: frame.id }))
        return
      case 'subscribe':
        this.#subscribe(frame)
        return
    }
  }

  #subscribe(frame: SubscribeFrames): void {
    const { limits } = this.#context
    this.remove(frame.id)
    if (this.subscriptions.size >= limits.maxSubscriptions) {
      const message = `A socket may have ${limits.maxSubscriptions} subscriptions: unsubscribe from some first.`
      this.sendError(new TelltaleError('rate_limited', message), frame.id)
      return
    }
    try {
      this.#context.subscribe(this, frame)
    } catch (error) {
      this.sendError(this.#known(error), frame.id)
    }
  }

  /** Also with a socket that is open already: a page renews its token without losing its streams. */
  async #authenticate(token: string, encoding: Encoding): Promise<void> {
    this.#isAuthenticating = true
    try {
      const principal = await this.#context.authenticate(token)
      if (this.#isClosed) return
      this.#accept(principal, encoding)
    } catch (error) {
      if (!this.#isClosed) this.#refuse(this.#known(error))
      return
    } finally {
      this.#isAuthenticating = false
    }
    const pending = this.#pending
    this.#pending = []
    for (const frame of pending) if (!this.#isClosed) this.#take(frame)
  }

  #accept(principal: Principal, encoding: Encoding): void {
    const before = this.principal
    if (before !== undefined && (before.project !== principal.project || before.viewKey !== principal.viewKey)) {
      throw new TelltaleError('forbidden', 'The new credential sees other data: open another socket for it.')
    }
    if (!principal.scopes.has('read') && !principal.scopes.has('admin')) {
      throw new TelltaleError('forbidden', 'Streams need a key with the scope read.')
    }
    if (before === undefined) this.encoding = encoding
    this.principal = principal
    this.#send(JSON.stringify({ type: 'ready', server_time: new Date(this.#context.now()).toISOString() }))
  }

  #refuse(error: TelltaleError): void {
    this.sendError(error)
    this.close(error.code === 'forbidden' ? closeCode.forbidden : closeCode.unauthorized, error.code)
  }

  #known(error: unknown): TelltaleError {
    if (error instanceof TelltaleError) return error
    this.#context.log?.error({ err: error }, 'a frame could not be handled')
    return new TelltaleError('internal', 'The collector failed on this frame; its log says why.')
  }

  #heard(): void {
    this.#heardMs = this.#context.now()
    this.#pingedMs = undefined
  }

  #onClose(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const id of [...this.subscriptions.keys()]) this.remove(id)
    this.#pending = []
    this.#context.onClose(this)
  }
}
