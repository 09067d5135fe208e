import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Connection, type Socket, type StreamFrame } from './connection.js'
import { Credential } from './credential.js'
import type { ClientError } from './errors.js'

class TestSocket implements Socket {
  onopen: Socket['onopen'] = null
  onmessage: Socket['onmessage'] = null
  onclose: Socket['onclose'] = null
  readonly sent: Record<string, unknown>[] = []
  closed = false
  send(text: string): void {
    this.sent.push(JSON.parse(text))
  }
  close(): void {
    this.closed = true
  }
  opens(): void {
    ;(this.onopen as () => void)()
  }
  says(frame: object): void {
    ;(this.onmessage as (event: object) => void)({ data: JSON.stringify(frame) })
  }
  ready(): void {
    this.opens()
    this.says({ type: 'ready', server_time: new Date().toISOString() })
  }
  closes(code: number, reason = ''): void {
    ;(this.onclose as (event: object) => void)?.({ code, reason })
  }
}

const request = { query: { metric_name: 'm', range: '15m' }, interval: '1s' } as const
let sockets: TestSocket[]
let frames: StreamFrame[]
let errors: ClientError[]
const listener = {
  frame: (frame: StreamFrame) => frames.push(frame),
  error: (error: ClientError) => errors.push(error),
}
const settle = () => vi.advanceTimersByTimeAsync(0)
const frame = (id: string, seq: number, mode: 'snapshot' | 'delta') => ({
  type: 'metrics_update',
  id,
  seq,
  mode,
  groups: [],
  group: [],
  times: [],
  values: [],
})

function connect(credential = new Credential('t')): Connection {
  const createSocket = (url: string) => {
    expect(url).toBe('wss://host/ws/analytics')
    sockets.push(new TestSocket())
    return sockets.at(-1)!
  }
  return new Connection({ endpoint: 'https://host', credential, createSocket, random: () => 0.5 })
}

beforeEach(() => {
  vi.useFakeTimers()
  sockets = []
  frames = []
  errors = []
})
afterEach(() => vi.useRealTimers())

test('without a token it says so and opens no socket', async () => {
  const connection = connect(new Credential())
  connection.open(request, listener)
  await settle()
  expect(connection.state).toMatchObject({ phase: 'failed', error: { code: 'no_token' } })
  expect(sockets).toHaveLength(0)
})

test('the credential is the first frame, and subscriptions wait until it is accepted', async () => {
  const connection = connect()
  connection.open(request, listener)
  await settle()
  sockets[0].opens()
  expect(sockets[0].sent).toEqual([{ type: 'auth', token: 't', encoding: 'columns' }])
  sockets[0].says({ type: 'ready', server_time: new Date().toISOString() })
  expect(sockets[0].sent[1]).toEqual({ type: 'subscribe', id: 'w1', ...request })
  expect(connection.state.phase).toBe('open')
})

test('a lost socket is opened again with backoff, and streams resume after their last frame', async () => {
  const connection = connect()
  connection.open(request, listener)
  await settle()
  sockets[0].ready()
  sockets[0].says(frame('w1', 7, 'snapshot'))
  sockets[0].closes(1006)
  expect(connection.state).toMatchObject({ phase: 'waiting', error: { code: 'unreachable' } })
  expect(connection.lostAtMs).not.toBeNull()
  await vi.advanceTimersByTimeAsync(5_000)
  expect(sockets).toHaveLength(2)
  sockets[1].ready()
  expect(sockets[1].sent[1]).toMatchObject({ id: 'w1', resume: 7 })
  expect(connection.lostAtMs).toBeNull()
  sockets[1].says(frame('w1', 7, 'delta'))
  sockets[1].says(frame('w1', 8, 'delta'))
  expect(frames.map(({ seq }) => seq)).toEqual([7, 8])
})

test('waits grow while nothing answers, up to half a minute', async () => {
  const connection = connect()
  connection.open(request, listener)
  const waits: number[] = []
  for (let i = 0; i < 10; i++) {
    await vi.advanceTimersByTimeAsync(30_000)
    sockets.at(-1)!.closes(1006)
    if (connection.state.phase === 'waiting') waits.push(connection.state.retryAtMs - Date.now())
  }
  expect(waits[1]).toBeGreaterThan(waits[0])
  expect(Math.max(...waits)).toBeLessThanOrEqual(30_000)
})

test('a silent peer is pinged, then given up', async () => {
  const connection = connect()
  connection.open(request, listener)
  await settle()
  sockets[0].ready()
  await vi.advanceTimersByTimeAsync(20_000)
  expect(sockets[0].sent.at(-1)).toEqual({ type: 'ping' })
  sockets[0].says({ type: 'pong' })
  await vi.advanceTimersByTimeAsync(15_000)
  expect(connection.state.phase).toBe('open')
  await vi.advanceTimersByTimeAsync(15_000)
  expect(sockets[0].closed).toBe(true)
})

test('4401 asks getToken once more; when that token is refused too, it fails until retry', async () => {
  const getToken = vi.fn(async () => `t${getToken.mock.calls.length}`)
  const connection = connect(new Credential(undefined, getToken))
  connection.open(request, listener)
  await settle()
  sockets[0].ready()
  sockets[0].closes(4401)
  await settle()
  sockets[1].opens()
  expect(sockets[1].sent[0]).toMatchObject({ token: 't2' })
  sockets[1].says({ type: 'error', error: { code: 'token_expired', message: 'Ask for a new one.' } })
  sockets[1].closes(4401)
  expect(connection.state).toMatchObject({ phase: 'failed', error: { code: 'token_expired' } })
  connection.retry()
  await settle()
  expect(sockets).toHaveLength(3)
})

test('4401 without getToken fails at once and stays', async () => {
  const connection = connect()
  connection.open(request, listener)
  await settle()
  sockets[0].ready()
  sockets[0].closes(4401, 'expired')
  await vi.advanceTimersByTimeAsync(120_000)
  expect(connection.state).toMatchObject({ phase: 'failed', error: { code: 'unauthorized', message: 'expired' } })
  expect(sockets).toHaveLength(1)
})

test('a getToken that fails is tried again', async () => {
  let isUp = false
  const connection = connect(
    new Credential(undefined, () => {
      if (!isUp) throw new Error('offline')
      return 'late'
    }),
  )
  connection.open(request, listener)
  await settle()
  expect(connection.state.phase).toBe('waiting')
  isUp = true
  await vi.advanceTimersByTimeAsync(5_000)
  sockets[0].opens()
  expect(sockets[0].sent[0]).toMatchObject({ token: 'late' })
})

test('an error with an id goes to its stream alone', async () => {
  const connection = connect()
  connection.open(request, listener)
  await settle()
  sockets[0].ready()
  sockets[0].says({ type: 'error', id: 'w1', error: { code: 'unknown_metric', message: 'No metric m.' } })
  expect(errors[0].code).toBe('unknown_metric')
  expect(connection.state.phase).toBe('open')
})

test('text that is no JSON, and frames of nobody, do no harm', async () => {
  const connection = connect()
  connection.open(request, listener)
  await settle()
  sockets[0].ready()
  sockets[0].says(frame('w99', 1, 'snapshot'))
  sockets[0].says({ type: 'from_the_future' })
  expect(connection.state.phase).toBe('open')
  ;(sockets[0].onmessage as (event: object) => void)({ data: '{' })
  expect(connection.state.phase).toBe('waiting')
})

test('the socket goes when the last stream has gone, not at once', async () => {
  const connection = connect()
  const stream = connection.open(request, listener)
  await settle()
  sockets[0].ready()
  stream.close()
  expect(sockets[0].sent.at(-1)).toEqual({ type: 'unsubscribe', id: 'w1' })
  const next = connection.open(request, listener)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(sockets[0].closed).toBe(false)
  next.close()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(sockets[0].closed).toBe(true)
  expect(connection.state.phase).toBe('idle')
})

test('a clock that is wrong is corrected by the collector’s', async () => {
  const connection = connect()
  connection.open(request, listener)
  await settle()
  sockets[0].opens()
  sockets[0].says({ type: 'ready', server_time: new Date(Date.now() + 3_600_000).toISOString() })
  expect(connection.nowMs() - Date.now()).toBe(3_600_000)
})

test('paused it has no socket and no loss to tell of; resumed it goes on after the last frame', async () => {
  const connection = connect()
  connection.open(request, listener)
  await settle()
  sockets[0].ready()
  sockets[0].says(frame('w1', 3, 'snapshot'))
  connection.pause()
  expect(sockets[0].closed).toBe(true)
  expect(connection.state.phase).toBe('paused')
  expect(connection.lostAtMs).toBeNull()
  await vi.advanceTimersByTimeAsync(600_000)
  expect(sockets).toHaveLength(1)
  connection.resume()
  await settle()
  sockets[1].ready()
  expect(sockets[1].sent[1]).toMatchObject({ id: 'w1', resume: 3 })
})

test('a collector that is gone when a page is seen again is said to be so since the pause', async () => {
  const connection = connect()
  connection.open(request, listener)
  await settle()
  sockets[0].ready()
  const pausedMs = Date.now()
  connection.pause()
  await vi.advanceTimersByTimeAsync(60_000)
  connection.resume()
  await settle()
  sockets[1].closes(1006)
  expect(connection.state.phase).toBe('waiting')
  expect(connection.lostAtMs).toBe(pausedMs)
})

test('a token is renewed on the open socket before it expires, and the streams go on', async () => {
  const jwt = (seconds: number) => `h.${btoa(JSON.stringify({ exp: Date.now() / 1000 + seconds }))}.s`
  let fails = 1
  const getToken = vi.fn(async () => {
    if (getToken.mock.calls.length === 2 && fails-- > 0) throw new Error('offline')
    return jwt(900)
  })
  const connection = connect(new Credential(undefined, getToken))
  connection.open(request, listener)
  await settle()
  sockets[0].ready()
  setInterval(() => sockets[0].says({ type: 'pong' }), 10_000)
  await vi.advanceTimersByTimeAsync(839_000)
  expect(getToken).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(7_000)
  expect(getToken).toHaveBeenCalledTimes(3)
  expect(sockets[0].sent.at(-1)).toMatchObject({ type: 'auth' })
  sockets[0].says({ type: 'ready', server_time: new Date().toISOString() })
  expect(sockets[0].sent.filter(({ type }) => type === 'subscribe')).toHaveLength(1)
  expect(sockets).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(850_000)
  expect(getToken).toHaveBeenCalledTimes(4)
})
