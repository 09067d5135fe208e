/** Turns what SQLite, the file system and DuckDB throw into the collector's coded errors, at the edge of storage. */
import { TelltaleError } from '../errors.js'

const FULL_RETRY_SECONDS = 30
const UNAVAILABLE_RETRY_SECONDS = 5

/** `what` completes "Could not …". An error that is coded already passes through. */
export function storageError(error: unknown, what: string): TelltaleError {
  if (error instanceof TelltaleError) return error
  if (isDiskFull(error)) {
    return new TelltaleError(
      'storage_full',
      `Could not ${what}: the disk is full. Free some space and send it again.`,
      {
        retryAfterSeconds: FULL_RETRY_SECONDS,
        cause: error,
      },
    )
  }
  return new TelltaleError('storage_unavailable', `Could not ${what}: ${messageOf(error)}.`, {
    retryAfterSeconds: UNAVAILABLE_RETRY_SECONDS,
    cause: error,
  })
}

export function isDiskFull(error: unknown): boolean {
  const code = codeOf(error)
  return code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT' || /no space left/i.test(messageOf(error))
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
