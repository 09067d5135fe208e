/** Request bodies: what they may be, how large, and how many at once. */
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { FastifyRequest } from 'fastify'
import { TelltaleError } from '../errors.js'

const inflate = promisify(gunzip)

export const protobufType = 'application/x-protobuf'
export const jsonType = 'application/json'
export const plainType = 'text/plain'

/** Refuses another type of content; called before the body is read. */
export function requireContentType(request: FastifyRequest, expected: string, also?: string): void {
  const given = request.headers['content-type']
  const type = given?.split(';', 1)[0].trim().toLowerCase()
  if (type === expected || (type !== undefined && type === also)) return
  throw new TelltaleError(
    'unsupported_media_type',
    given === undefined
      ? `Send the header Content-Type: ${expected}`
      : `This route takes Content-Type: ${expected}, not ${given.slice(0, 100)}`,
  )
}

/** Refuses encodings other than gzip; called before the body is read. */
export function requireEncoding(request: FastifyRequest): void {
  const encoding = contentEncoding(request)
  if (encoding === 'identity' || encoding === 'gzip') return
  throw new TelltaleError(
    'unsupported_encoding',
    `Content-Encoding ${encoding.slice(0, 50)} is not supported; send gzip or leave it out`,
  )
}

/** The body as it was before compression. Inflating stops at the limit, so that a small body cannot become a large one. */
export async function plainBody(request: FastifyRequest, maxBytes: number): Promise<Buffer> {
  const body = (request.body as Buffer | undefined) ?? Buffer.alloc(0)
  if (contentEncoding(request) === 'identity') return body
  try {
    return await inflate(body, { maxOutputLength: maxBytes })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes)
    throw new TelltaleError('invalid_request', 'The body is not gzip although Content-Encoding says so', {
      cause: error,
    })
  }
}

export function parseJson(body: Buffer): unknown {
  if (body.length === 0) throw new TelltaleError('invalid_json', 'The body is empty; send a JSON object')
  try {
    return JSON.parse(body.toString('utf8'))
  } catch (error) {
    throw new TelltaleError('invalid_json', `The body is not JSON: ${(error as Error).message.slice(0, 200)}`)
  }
}

export function tooLarge(maxBytes: number): TelltaleError {
  return new TelltaleError(
    'payload_too_large',
    `The body is larger than ${maxBytes} bytes; send it in several smaller batches`,
    { details: { max_bytes: maxBytes } },
  )
}

/** What a body may take in memory, as far as its head tells: our batches shrink to about an eighth under gzip. */
export function expectedBytes(request: FastifyRequest, maxBytes: number): number {
  const sent = Number(request.headers['content-length'] ?? maxBytes)
  return Math.min(maxBytes, contentEncoding(request) === 'identity' ? sent : sent * 8)
}

function contentEncoding(request: FastifyRequest): string {
  return request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
}

/**
 * Bounds the bytes of bodies that are held at once. Each request reserves what it may grow to; one that finds no room
 * is asked to come back, which costs less than serving all of them slowly.
 */
export class BodyBudget {
  #held = 0
  readonly #maxBytes: number

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get heldBytes(): number {
    return this.#held
  }

  /** Returns the release, which may be called twice. Throws `overloaded`. */
  reserve(bytes: number): () => void {
    if (this.#held + bytes > this.#maxBytes) {
      throw new TelltaleError('overloaded', 'Too many batches are being taken in; send this one again in a moment', {
        retryAfterSeconds: 1,
      })
    }
    this.#held += bytes
    let held = bytes
    return () => {
      this.#held -= held
      held = 0
    }
  }
}
