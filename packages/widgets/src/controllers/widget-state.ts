/** The five states that every widget shows, worked out from its data's and its connection's state. */
import type { ConnectionState } from '../client/connection.js'
import type { ClientError } from '../client/errors.js'

export interface Staleness {
  /** The newest data that is shown is of this time. */
  sinceMs: number
  /** When the next attempt starts; undefined while one is under way. */
  retryAtMs: number | undefined
}

export interface WidgetState {
  phase: 'loading' | 'ready' | 'empty' | 'error'
  error?: ClientError | undefined
  /** With `ready` and `empty`: what is shown may be old. With `error`: when it is tried again. */
  stale?: Staleness | undefined
}

export interface StateInput {
  connection: ConnectionState
  /** When the connection was lost, or the last answer came. */
  lostAtMs: number | null
  loaded: boolean
  isEmpty: boolean
  /** The collector's or the network's refusal of this widget's own request. */
  error: ClientError | undefined
  /** Why the last attempt to connect failed; kept through the next attempt, so that the message does not flicker. */
  connectError: ClientError | undefined
}

export function widgetState(input: StateInput): WidgetState {
  const { connection, loaded, isEmpty, error, connectError } = input
  if (connection.phase === 'failed') return { phase: 'error', error: connection.error }
  if (error?.code === 'unknown_metric') return { phase: 'empty' }
  if (error && !(loaded && error.transient)) return { phase: 'error', error }
  const retryAtMs = connection.phase === 'waiting' ? connection.retryAtMs : undefined
  const isDown = connection.phase === 'waiting' || (connection.phase === 'connecting' && input.lostAtMs !== null)
  const stale = isDown || error ? { sinceMs: input.lostAtMs ?? Date.now(), retryAtMs } : undefined
  if (loaded) return { phase: isEmpty ? 'empty' : 'ready', stale }
  if (connectError) return { phase: 'error', error: connectError, stale: { sinceMs: Date.now(), retryAtMs } }
  return { phase: 'loading' }
}
