/** Every error that the collector answers with: one class, one table of stable codes and their HTTP status. */

/** Code → HTTP status. `docs/reference/errors.md` describes each; a test fails where the two differ. */
export const errorStatus = {
  // 400: the request itself
  invalid_request: 400,
  invalid_json: 400,
  malformed_batch: 400,
  all_rows_rejected: 400,
  invalid_time_range: 400,
  invalid_step: 400,
  invalid_time_zone: 400,
  too_many_buckets: 400,
  too_many_groups: 400,
  aggregation_not_supported: 400,
  invalid_formula: 400,
  query_too_large: 400,
  // 401, 403: who asks
  unauthorized: 401,
  token_expired: 401,
  forbidden: 403,
  // 404, 405, 406
  not_found: 404,
  unknown_metric: 404,
  unknown_task: 404,
  unknown_definition: 404,
  method_not_allowed: 405,
  // 409 … 429
  conflict: 409,
  precondition_failed: 412,
  payload_too_large: 413,
  unsupported_media_type: 415,
  unsupported_encoding: 415,
  rate_limited: 429,
  // 5xx: ours
  internal: 500,
  overloaded: 503,
  not_ready: 503,
  shutting_down: 503,
  storage_unavailable: 503,
  storage_full: 503,
  query_timeout: 504,
} as const

export type ErrorCode = keyof typeof errorStatus

export interface ErrorOptions {
  details?: unknown
  /** Sent as Retry-After with 429 and 503. */
  retryAfterSeconds?: number
  cause?: unknown
}

/** An error with a stable code. `message` says what happened and what to do next; it may be shown to anybody. */
export class TelltaleError extends Error {
  override readonly name = 'TelltaleError'
  readonly code: ErrorCode
  readonly details: unknown
  readonly retryAfterSeconds: number | undefined

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.details = options.details
    this.retryAfterSeconds = options.retryAfterSeconds
  }

  get status(): number {
    return errorStatus[this.code]
  }
}
