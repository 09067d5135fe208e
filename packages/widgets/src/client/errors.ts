/** Every failure that a widget can show: a stable code, a message for people, and whether trying again may help. */
import type { ErrorBody } from '@telltale/protocol/api'

/** Codes of our own; the collector's codes (`unknown_metric`, `query_timeout`, …) pass through as they are. */
export type ClientErrorCode =
  | 'no_token'
  | 'unauthorized'
  | 'unreachable'
  | 'not_loaded'
  | 'invalid_answer'
  | 'invalid_option'
  | (string & {})

/** The collector answers these when the same request may succeed later. */
const transientCodes = new Set([
  'unreachable',
  'internal',
  'overloaded',
  'not_ready',
  'shutting_down',
  'storage_unavailable',
  'query_timeout',
  'rate_limited',
])

export class ClientError extends Error {
  override readonly name = 'ClientError'
  readonly code: ClientErrorCode
  /** What the collector said besides, such as the version that is in the way of a save. */
  readonly details: unknown

  constructor(code: ClientErrorCode, message: string, cause?: unknown, details?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.details = details
  }

  /** Whether the same request may succeed later without a change on the page. */
  get transient(): boolean {
    return transientCodes.has(this.code)
  }
}

export function unreachable(endpoint: string, cause?: unknown): ClientError {
  return new ClientError('unreachable', `No connection to ${endpoint || 'the collector'}.`, cause)
}

export function unauthorized(message?: string): ClientError {
  return new ClientError('unauthorized', message ?? 'The token is not accepted. Give a valid read token.')
}

/** What the collector's answer says, or what its status alone does. */
export function toError(status: number, answer: unknown): ClientError {
  const { error } = (answer ?? {}) as Partial<ErrorBody>
  if (error?.code) return new ClientError(error.code, error.message, undefined, error.details)
  if (status === 401 || status === 403) return unauthorized()
  return new ClientError(
    status >= 500 ? 'unreachable' : 'invalid_answer',
    `The collector answered with status ${status}.`,
  )
}
