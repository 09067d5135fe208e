/** Concurrent edits: what is edited has a version, which its ETag shows and `If-Match` names. RFC 9110, 13.1.1. */
import { TelltaleError } from '../errors.js'
import type { Call } from './route.js'

export interface Versioned {
  version: number
}

/** Answers with the thing, under an ETag of its version. */
export function sendVersion<T extends Versioned>({ reply }: Call, thing: T): T {
  reply.header('etag', `"${thing.version}"`).header('cache-control', 'private, max-age=0, must-revalidate')
  return thing
}

/**
 * Versions that the client would overwrite; undefined where it overwrites any, which is what it says without `If-Match`
 * and with `*`.
 */
export function expectedVersions({ request }: Call): readonly number[] | undefined {
  const condition = request.headers['if-match']
  if (condition === undefined || condition.trim() === '*') return undefined
  return condition.split(',').map((tag) => Number(/^\s*(?:W\/)?"(\d+)"\s*$/.exec(tag)?.[1] ?? Number.NaN))
}

/** Throws `precondition_failed` with the newest version where the client has not seen it. */
export function requireVersion(current: Versioned, expected: readonly number[] | undefined): void {
  if (expected === undefined || expected.includes(current.version)) return
  throw new TelltaleError(
    'precondition_failed',
    `Somebody saved version ${current.version} meanwhile; merge with it, then send If-Match: "${current.version}"`,
    { details: { current } },
  )
}
