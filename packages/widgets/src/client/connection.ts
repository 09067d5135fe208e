/**
 * One WebSocket for an endpoint and credential, shared by every widget of the page: it authenticates, carries
 * subscriptions, notices a silent peer, and comes back by itself, resuming each stream after the last frame seen.
 *
 *   idle ──open()──► connecting ──ready──► open
 *                        ▲                   │ closed, silent
 *                        └──── waiting ◄─────┘            failed: the credential is refused; a change or retry() ends it
 *
 * A page that is hidden pauses it: no socket, until it is seen again. A token that can be renewed is, before it expires.
 */
import type {
  ChannelUpdateFrame,
  ClientFrame,
  Interval,
  MetricsColumnsFrame,
  ServerFrame,
  StreamQuery,
} from '@telltale/protocol/api'
import { Backoff } from './backoff.js'
import type { Credential } from './credential.js'
import { ClientError, unauthorized, unreachable } from './errors.js'

export type ConnectionState =
  | { phase: 'idle' | 'connecting' | 'open' | 'paused' }
  | { phase: 'waiting'; retryAtMs: number; error: ClientError }
  | { phase: 'failed'; error: ClientError }

export type StreamRequest =
  | { query: StreamQuery; interval: Interval }
  | { channel: 'alerts' | 'tasks' | 'events'; interval: Interval }

export type StreamFrame = MetricsColumnsFrame | ChannelUpdateFrame

export interface StreamListener {
  frame(frame: StreamFrame): void
  /** The collector refused this stream; the socket itself is well. */
  error(error: ClientError): void
}

export interface Stream {
  /** Asks again from the start, without resuming. */
  restart(): void
  close(): void
}

interface ActiveStream {
  request: StreamRequest
  listener: StreamListener
  lastSeq: number
}

/** The part of a WebSocket that is used here; tests hand in their own. */
export type Socket = Pick<WebSocket, 'send' | 'close' | 'onopen' | 'onmessage' | 'onclose'>

export interface ConnectionOptions {
  endpoint: string
  credential: Credential
  createSocket?: (url: string) => Socket
  random?: () => number
}

const pingAfterSilenceMs = 15_000
const deadAfterSilenceMs = 25_000
const readyTimeoutMs = 10_000
const livenessCheckMs = 5_000
/** A socket without streams stays this long, for a page that swaps one chart for another. */
const lingerMs = 5_000
/** A connection that lived this long was a good one: the next attempt comes quickly again. */
const stableAfterMs = 5_000

/** A token is renewed this long before it expires, or after four fifths of a short life. */
const renewBeforeMs = 60_000
const renewAgainMs = 5_000

const closeUnauthorized = 4401
const closeForbidden = 4403

export class Connection {
  readonly #endpoint: string
  readonly #credential: Credential
  readonly #createSocket: (url: string) => Socket
  readonly #backoff: Backoff
  readonly #streams = new Map<string, ActiveStream>()
  readonly #stateListeners = new Set<() => void>()

  #state: ConnectionState = { phase: 'idle' }
  #socket: Socket | undefined
  #token = ''
  #nextId = 1
  #openedAtMs = 0
  #connectedAtMs = 0
  #lastFrameMs = 0
  #lostAtMs: number | null = null
  #clockOffsetMs = 0
  #renewed = false
  #refusal: ClientError | undefined
  #retryTimer: ReturnType<typeof setTimeout> | undefined
  #lingerTimer: ReturnType<typeof setTimeout> | undefined
  #livenessTimer: ReturnType<typeof setInterval> | undefined
  #renewTimer: ReturnType<typeof setTimeout> | undefined
  #pausedAtMs: number | null = null

  constructor(options: ConnectionOptions) {
    this.#endpoint = options.endpoint
    this.#credential = options.credential
    this.#createSocket = options.createSocket ?? ((url) => new WebSocket(url))
    this.#backoff = new Backoff(options.random)
  }

  get state(): ConnectionState {
    return this.#state
  }

  /** When the last good connection was lost; null while it is well or was never there. */
  get lostAtMs(): number | null {
    return this.#lostAtMs
  }

  /** The collector's time; a page whose clock is wrong still shows the right window. */
  nowMs(): number {
    return Date.now() + this.#clockOffsetMs
  }

  onState(listener: () => void): () => void {
    this.#stateListeners.add(listener)
    return () => this.#stateListeners.delete(listener)
  }

  open(request: StreamRequest, listener: StreamListener): Stream {
    const id = `w${this.#nextId++}`
    const stream: ActiveStream = { request, listener, lastSeq: 0 }
    this.#streams.set(id, stream)
    clearTimeout(this.#lingerTimer)
    if (this.#state.phase === 'open') this.#subscribe(id, stream)
    else if (this.#state.phase === 'idle') this.#connect()
    return {
      restart: () => {
        if (!this.#streams.has(id)) return
        stream.lastSeq = 0
        if (this.#state.phase === 'open') {
          this.#send({ type: 'unsubscribe', id })
          this.#subscribe(id, stream)
        } else this.retry()
      },
      close: () => {
        if (!this.#streams.delete(id)) return
        if (this.#state.phase === 'open') this.#send({ type: 'unsubscribe', id })
        if (this.#streams.size === 0) this.#lingerTimer = setTimeout(() => this.close(), lingerMs)
      },
    }
  }

  /** Tries at once instead of waiting; also leaves the failed state. */
  retry(): void {
    const { phase } = this.#state
    if (phase !== 'waiting' && phase !== 'failed') return
    this.#renewed = false
    this.#connect()
  }

  /** Nobody looks: lets go of the socket, and keeps the streams for `resume()`. */
  pause(): void {
    const { phase } = this.#state
    if (phase === 'idle' || phase === 'paused' || phase === 'failed') return
    clearTimeout(this.#retryTimer)
    this.#dropSocket()
    this.#pausedAtMs = this.#lostAtMs ?? this.nowMs()
    // On purpose, so nothing that is shown has to say that its connection is lost.
    this.#lostAtMs = null
    this.#backoff.reset()
    this.#setState({ phase: 'paused' })
  }

  /** Connects again after `pause()`; streams go on after the last frame that they saw. */
  resume(): void {
    if (this.#state.phase !== 'paused') return
    if (this.#streams.size > 0) void this.#connect()
    else this.#setState({ phase: 'idle' })
  }

  /** Lets go of the socket; the next `open()` connects anew. */
  close(): void {
    clearTimeout(this.#lingerTimer)
    clearTimeout(this.#retryTimer)
    this.#dropSocket()
    this.#lostAtMs = this.#pausedAtMs = null
    this.#setState({ phase: 'idle' })
  }

  async #connect(): Promise<void> {
    clearTimeout(this.#retryTimer)
    this.#refusal = undefined
    this.#setState({ phase: 'connecting' })
    let socket: Socket
    try {
      this.#token = await this.#credential.get()
      if (this.#state.phase !== 'connecting' || this.#socket) return
      socket = this.#createSocket(`${this.#endpoint.replace(/^http/, 'ws')}/ws/analytics`)
    } catch (cause) {
      if (this.#state.phase === 'connecting') this.#refused(cause)
      return
    }
    this.#socket = socket
    this.#connectedAtMs = this.#lastFrameMs = Date.now()
    this.#openedAtMs = 0
    this.#livenessTimer = setInterval(() => this.#checkLiveness(), livenessCheckMs)
    socket.onopen = () => this.#send({ type: 'auth', token: this.#token, encoding: 'columns' })
    socket.onmessage = (event) => {
      if (this.#socket === socket) this.#receive(event.data)
    }
    socket.onclose = (event) => {
      if (this.#socket === socket) this.#lost(event.code, event.reason)
    }
  }

  #receive(data: unknown): void {
    let frame: ServerFrame
    try {
      frame = JSON.parse(String(data)) as ServerFrame
    } catch {
      this.#lost(1007, 'not JSON')
      return
    }
    this.#lastFrameMs = Date.now()
    switch (frame.type) {
      case 'ready':
        this.#ready(frame.server_time)
        break
      case 'metrics_update':
      case 'channel_update':
        this.#deliver(frame as StreamFrame)
        break
      case 'error': {
        const error = new ClientError(frame.error.code, frame.error.message)
        if (frame.id === undefined) this.#refusal = error
        else this.#streams.get(frame.id)?.listener.error(error)
        break
      }
      default:
    }
  }

  #ready(serverTime: string): void {
    this.#scheduleRenewal()
    // The answer to a renewed token: the streams have never stopped.
    if (this.#openedAtMs > 0) return
    const offsetMs = Date.parse(serverTime) - Date.now()
    // Below a quarter of a second the difference is the way of the frame, not the clock.
    this.#clockOffsetMs = Math.abs(offsetMs) > 250 ? offsetMs : 0
    this.#openedAtMs = Date.now()
    this.#lostAtMs = this.#pausedAtMs = null
    this.#setState({ phase: 'open' })
    for (const [id, stream] of this.#streams) this.#subscribe(id, stream)
  }

  #scheduleRenewal(): void {
    clearTimeout(this.#renewTimer)
    const lifeMs = this.#credential.expiresAtMs - this.nowMs()
    if (!this.#credential.renewable || !Number.isFinite(lifeMs)) return
    this.#renewTimer = setTimeout(() => void this.#renew(), Math.max(0, lifeMs - Math.min(renewBeforeMs, lifeMs / 5)))
  }

  /** A new token on the open socket. Where there is none yet, again soon: the old one still holds. */
  async #renew(): Promise<void> {
    const socket = this.#socket
    try {
      const token = await this.#credential.renew()
      if (socket !== this.#socket || token === this.#token) return
      this.#token = token
      this.#send({ type: 'auth', token, encoding: 'columns' })
    } catch {
      if (socket === this.#socket) this.#renewTimer = setTimeout(() => void this.#renew(), renewAgainMs)
    }
  }

  #deliver(frame: StreamFrame): void {
    const stream = this.#streams.get(frame.id)
    if (!stream) return
    const isSnapshot = frame.type === 'metrics_update' && frame.mode === 'snapshot'
    // A frame that overlaps what came before a reconnect is known already.
    if (!isSnapshot && frame.seq <= stream.lastSeq) return
    stream.lastSeq = frame.seq
    stream.listener.frame(frame)
  }

  #subscribe(id: string, stream: ActiveStream): void {
    const { request, lastSeq } = stream
    if ('channel' in request) {
      // Channels have no memory: what was missed is asked over HTTP by whoever listens.
      stream.lastSeq = 0
      this.#send({ type: 'subscribe', id, ...request })
    } else {
      this.#send({ type: 'subscribe', id, ...request, ...(lastSeq > 0 ? { resume: lastSeq } : {}) })
    }
  }

  #send(frame: ClientFrame): void {
    this.#socket?.send(JSON.stringify(frame))
  }

  #checkLiveness(): void {
    const nowMs = Date.now()
    const silentMs = nowMs - this.#lastFrameMs
    if (this.#openedAtMs === 0) {
      if (nowMs - this.#connectedAtMs > readyTimeoutMs) this.#lost(1006, 'no answer')
    } else if (silentMs > deadAfterSilenceMs) this.#lost(1006, 'silent')
    else if (silentMs > pingAfterSilenceMs) this.#send({ type: 'ping' })
  }

  #lost(code: number, reason: string): void {
    const wasOpen = this.#openedAtMs > 0
    const livedMs = wasOpen ? Date.now() - this.#openedAtMs : 0
    if (wasOpen) this.#lostAtMs ??= this.nowMs()
    this.#dropSocket()
    if (livedMs >= stableAfterMs) {
      this.#backoff.reset()
      this.#renewed = false
    }
    const refusal = this.#refusal
    if (code !== closeUnauthorized && code !== closeForbidden) {
      this.#wait(refusal ?? unreachable(this.#endpoint))
      return
    }
    this.#credential.refuse(this.#token)
    if (code === closeUnauthorized && this.#credential.renewable && !this.#renewed) {
      this.#renewed = true
      void this.#connect()
    } else {
      this.#setState({ phase: 'failed', error: refusal ?? unauthorized(reason || undefined) })
    }
  }

  /** `getToken` failed, or there is no token, or the URL is no WebSocket's. */
  #refused(cause: unknown): void {
    const error = cause instanceof ClientError ? cause : unreachable(this.#endpoint, cause)
    if (error.transient) this.#wait(error)
    else this.#setState({ phase: 'failed', error })
  }

  #wait(error: ClientError): void {
    if (this.#streams.size === 0) {
      this.#setState({ phase: 'idle' })
      return
    }
    this.#lostAtMs ??= this.#pausedAtMs
    const delayMs = this.#backoff.nextMs()
    this.#retryTimer = setTimeout(() => void this.#connect(), delayMs)
    this.#setState({ phase: 'waiting', retryAtMs: Date.now() + delayMs, error })
  }

  #dropSocket(): void {
    clearInterval(this.#livenessTimer)
    clearTimeout(this.#renewTimer)
    const socket = this.#socket
    if (!socket) return
    this.#socket = undefined
    this.#openedAtMs = 0
    socket.onopen = socket.onmessage = socket.onclose = null
    socket.close()
  }

  #setState(state: ConnectionState): void {
    this.#state = state
    for (const listener of [...this.#stateListeners]) listener()
  }
}
