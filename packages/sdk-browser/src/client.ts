/**
 * One client, from call to acknowledgement: the composition root.
 *
 *   instruments ─► cells ──┐
 *   events, task runs ─────┴► batch ─► sender ─► collector
 */
import { type Properties, type Stats, sdkVersion } from '@telltale/sdk-core'
import { createBooks, type Signal } from './books.js'
import type { Disk } from './deliver/disk.js'
import { createSender } from './deliver/sender.js'
import { type ClientOptions, type Consent, resolveOptions } from './options.js'
import { createMetrics, type Metrics } from './record/metrics.js'
import { type Run, runTask, type Task, type TaskOptions } from './record/tasks.js'
import { hidden } from './visit/hidden.js'
import { createPages, pathOf, plainAddress } from './visit/pages.js'
import { createSessions, type Session } from './visit/session.js'

/** A batch is sealed at about this size, so that it fits the budget of requests that outlive the page. */
const maxBatchBytes = 40 * 1024
const maxValueLength = 4096

export interface Engine {
  metrics: Metrics
  track(name: string, properties?: object): void
  task<T>(type: string, work: (task: Task) => T, options?: TaskOptions): T
  identify(key: string, event: string, id: string | null, traits?: Properties): void
  page(path?: string, properties?: Properties): void
  consent(consent: Consent): void
  /** A call that the given reason keeps from being recorded. */
  refuse(reason: string): void
  /** Something was recorded: a flush is due within the interval. */
  arm(): void
  flush(): Promise<void>
  close(): Promise<void>
  stats(): Stats
}

/** Each observer is called before each flush. Throws `SetupError` where an option is wrong. */
export function start(given: ClientOptions, observers: ReadonlySet<() => void>): Engine {
  const options = resolveOptions(given)
  const hasPage = typeof document !== 'undefined'
  const books = createBooks()
  const warned = new Set<string>()
  const warn = (message: string): void => {
    const logger = options.logger ?? console
    // Each at most once; a hostile name must not grow the table without end.
    if (!logger || warned.size > 100 || warned.has(message)) return
    warned.add(message)
    try {
      logger.warn(`telltale: ${message}`)
    } catch {
      // A logger that throws is the host's affair.
    }
  }
  const { service, environment, version } = options
  const resource = JSON.stringify(
    bounded({ ...options.attributes, service, environment, version, 'telltale.sdk': `browser/${sdkVersion}` }),
  )
  const optedOut =
    options.respectDoNotTrack &&
    hasPage &&
    (navigator.doNotTrack === '1' || !!(navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl)
  let consent: Consent = optedOut ? 'denied' : options.consent
  let ended = false
  let sampled = true
  /** Of everything that is stored: apps of one origin keep apart, each with its key. */
  const name = `telltale ${options.endpoint} ${options.apiKey}`
  const allowed = (): boolean => consent === 'granted'
  const stores = (): boolean => allowed() && options.storage
  const gate = (): string | undefined =>
    ended ? 'closed' : consent === 'denied' ? 'no_consent' : sampled ? undefined : 'sampled_out'

  const sender = createSender(options, books, warn, allowed)
  const metrics = createMetrics(books, gate, warn, options.maxSeriesPerMetric)
  const sessions = createSessions(name, stores, options.sessionIdleMs, randomHex, onSession)
  const ids: Record<string, string> = {}
  const streamId = randomHex(16)
  let disk: Disk | undefined
  let sequence = 0
  let runs = 0
  /** JSON of the rows that no batch holds yet. */
  let rows: Record<Signal, string[]>
  let rowBytes: number
  /** Calls behind the rows of metrics. */
  let samples: number
  let sinceMs = Date.now()
  let timer: ReturnType<typeof setTimeout> | undefined
  reset()

  /** Whether a session is recorded depends on its id alone, so that all tabs and reloads agree. */
  function onSession(session: Session, isNew: boolean): void {
    sampled = Number(`0x${session.id.slice(0, 8)}`) / 2 ** 32 < options.sampleRate
    if (isNew) {
      track('session.start', {
        'session.previous_id': session.previous,
        'url.path': pathOf(location),
        'page.referrer': plainAddress(document.referrer),
      })
    }
  }

  /** Turns a row into JSON at once: the host may change its objects, and whatever throws, throws here. */
  function add(signal: 'event' | 'task', name: string, row: object, given: object | undefined): void {
    books.recorded++
    const session = hasPage && !ended && consent !== 'denied' ? sessions.current(!hidden()) : undefined
    let reason = gate()
    if (!reason) {
      reason = 'invalid_attributes'
      try {
        let properties: Record<string, unknown> | null = {
          ...ids,
          ...(session && { 'session.id': session.id }),
          ...given,
        }
        if (options.redact) {
          // Should it throw, what it was to take out is unknown, and nothing goes out.
          reason = 'redact_failed'
          properties = options.redact(properties, name)
        }
        const json = JSON.stringify({ ...row, properties: bounded(properties) })
        if (!properties) reason = 'redacted'
        else if (json.length > maxBatchBytes) reason = 'too_large'
        else {
          push(signal, json)
          arm()
          return
        }
      } catch {
        // The reason is set.
      }
    }
    books.drop(signal, reason)
  }

  function track(name: string, properties?: object): void {
    add('event', name, { name: String(name), time_ms: Date.now() }, properties)
  }

  function finish(run: Run, properties: object): void {
    add('task', run.type, { ...run, tags: [...run.tags, ...options.metricAttributes] }, properties)
  }

  /** Random once a page, then counted: drawing random bytes for each run would cost more than the run. */
  function freshRunId(): string {
    return streamId.slice(16) + (++runs).toString(16)
  }

  function arm(): void {
    if (!ended) timer ??= setTimeout(collect, options.flushIntervalMs)
  }

  /** Everything recorded so far moves into batches. */
  function collect(): void {
    clearTimeout(timer)
    timer = undefined
    if (!ended) for (const observe of observers) observe()
    if (observers.size) arm()
    metrics.take((json, calls) => {
      samples += calls
      push('sample', json)
    })
    seal()
    sinceMs = Date.now()
  }

  function push(signal: Signal, json: string): void {
    rows[signal].push(json)
    rowBytes += json.length
    if (rowBytes > maxBatchBytes / 2) seal()
  }

  function reset(): void {
    rows = { event: [], task: [], sample: [] }
    rowBytes = 0
    samples = 0
  }

  function seal(): void {
    const { event, task, sample } = rows
    const calls = { event: event.length, task: task.length, sample: samples }
    if (rowBytes === 0) return
    reset()
    const drops = books.takeUnsent()
    const id = randomHex(16)
    const nowMs = Date.now()
    const body = `"batch_id":"${id}","stream_id":"${streamId}","sequence":${++sequence},"start_ms":${sinceMs},"end_ms":${nowMs},"resource":${resource},"drops":${JSON.stringify(drops)},"events":[${event}],"tasks":[${task}],"metrics":[${sample}]}`
    sender.add({ id, body, bytes: new Blob([body]).size + 40, calls, drops, savedMs: nowMs })
  }

  async function flush(timeoutMs: number): Promise<void> {
    collect()
    sender.hurry()
    await Promise.race([sender.settled(), new Promise((resolve) => setTimeout(resolve, timeoutMs))])
  }

  async function openDisk(): Promise<void> {
    if (disk || !stores() || !hasPage) return
    try {
      const module = await import('./deliver/disk.js')
      if (ended || !stores()) return
      disk = module.openDisk(name, options, sender)
      sender.use(disk)
    } catch (error) {
      warn(`no queue on disk: ${error}`)
    }
  }

  /** Nothing stays that was recorded or stored, by this page or by those before it. */
  function forget(): void {
    collect()
    sender.discard('no_consent')
    sessions.clear()
    globalThis.indexedDB?.deleteDatabase(name)
  }

  const ending = new AbortController()
  function listen(target: EventTarget, type: string, listener: (event: Event) => void): void {
    target.addEventListener(type, listener, { signal: ending.signal })
  }
  function outlive(): void {
    collect()
    sender.escape()
  }

  const pages = hasPage ? createPages(track, options.pageViews, listen) : undefined
  if (hasPage) {
    listen(document, 'visibilitychange', () => hidden() && outlive())
    listen(window, 'pagehide', () => {
      outlive()
      sender.abort()
    })
    listen(window, 'online', sender.hurry)
    if (options.pageViews) pages?.view()
  }
  if (consent === 'denied') forget()
  void openDisk()

  return {
    metrics,
    track,
    arm,
    task: (type, work, taskOptions) => runTask(type, work, taskOptions, freshRunId, finish),
    identify(key, event, id, traits) {
      if (id === null) delete ids[key]
      else {
        ids[key] = String(id)
        track(event, traits)
      }
    },
    page: (path, properties) => pages?.view(path, properties),
    consent(given) {
      if (optedOut || ended) return
      consent = given
      if (given === 'granted') {
        sessions.save()
        sender.hurry()
        void openDisk()
      } else if (given === 'denied') forget()
    },
    refuse(reason) {
      books.recorded++
      books.drop('sample', reason)
    },
    flush: () => flush(options.flushTimeoutMs),
    async close() {
      if (ended) return
      pages?.stop()
      ending.abort()
      collect()
      ended = true
      clearTimeout(timer)
      await flush(options.closeTimeoutMs)
      // What is on disk waits there for the next page.
      sender.stop()
      disk?.close()
    },
    stats: books.stats,
  }
}

/**
 * A copy in which no text is without end; whole numbers past 2^53 have no JSON. A function that `stringify` calls for each value
 * would cost several times as much.
 */
function bounded(properties: object | null): object {
  const copy: Record<string, unknown> = { ...properties }
  for (const key in copy) {
    const value = copy[key]
    if (/string|bigint/.test(typeof value)) copy[key] = `${value}`.slice(0, maxValueLength)
  }
  return copy
}

function randomHex(bytes = 8): string {
  let text = ''
  for (const byte of crypto.getRandomValues(new Uint8Array(bytes))) text += (byte + 256).toString(16).slice(1)
  return text
}
