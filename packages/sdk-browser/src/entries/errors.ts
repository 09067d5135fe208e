/** Uncaught errors and unhandled rejections: counted, all of them, and described, each kind once. */
import { counter, track } from '@telltale/sdk-browser'
import { routeOf } from '../route.js'

export interface ErrorsOptions {
  /** Different errors that are described for each page load; further ones are only counted. Default: 20. */
  maxDescribed?: number
}

const maxMessageLength = 1024
const maxStackLength = 2048
const maxTypeLength = 64
/** Error types that are told apart; a page may throw classes without end. */
const maxTypes = 50

/**
 * Counts `browser.errors` with the attribute `error.type`, and tracks the first of each kind as an event `exception` with
 * `exception.type`, `exception.message`, `exception.stacktrace` and `url.path`. The result ends it.
 */
export function errors({ maxDescribed = 20 }: ErrorsOptions = {}): () => void {
  if (typeof window === 'undefined') return () => {}
  const total = counter('browser.errors', { attributes: ['error.type'] })
  const types = new Set<string>()
  const described = new Set<string>()

  const report = (thrown: unknown, where: string): void => {
    const { type, message, stack } = describe(thrown)
    if (types.size < maxTypes) types.add(type)
    total.add(1, { 'error.type': types.has(type) ? type : 'other' })
    const kind = `${type} ${message} ${stack.slice(0, 300) || where}`
    if (described.size >= maxDescribed || described.has(kind)) return
    described.add(kind)
    track('exception', {
      'exception.type': type,
      'exception.message': message,
      'exception.stacktrace': stack || where,
      'url.path': routeOf(location.pathname),
    })
  }
  const onError = (event: ErrorEvent): void => {
    // Resources that fail to load bubble up as plain events.
    if (event instanceof ErrorEvent) {
      report(event.error ?? event.message, `${plain(event.filename)}:${event.lineno}:${event.colno}`)
    }
  }
  const onRejection = ({ reason }: PromiseRejectionEvent): void => report(reason, '')
  window.addEventListener('error', onError)
  window.addEventListener('unhandledrejection', onRejection)
  return () => {
    window.removeEventListener('error', onError)
    window.removeEventListener('unhandledrejection', onRejection)
  }
}

/** A thrown value may be anything, getters that throw included. */
function describe(thrown: unknown): { type: string; message: string; stack: string } {
  try {
    const { name, message, stack } = Object(thrown)
    return {
      type: String(name ?? typeof thrown).slice(0, maxTypeLength) || 'Error',
      message: plain(String(message ?? thrown)).slice(0, maxMessageLength),
      stack: plain(typeof stack === 'string' ? stack : '').slice(0, maxStackLength),
    }
  } catch {
    return { type: 'unreadable', message: '', stack: '' }
  }
}

/** Addresses without their query strings. */
function plain(text: string): string {
  return text.replace(/(https?:\/\/[^\s?#)]*)[?#][^\s):]*/g, '$1')
}
