/** Errors → responses: every failure leaves as `{ error: { code, message, details } }` with a status from one table. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { type ErrorCode, TelltaleError } from '../errors.js'

/** Sends whatever was thrown; what is not ours to explain becomes `internal` and is logged. */
export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const known = toTelltaleError(error)
  if (known.code === 'internal') request.log.error({ err: error, request_id: request.id }, 'request failed')
  if (known.code === 'unauthorized' || known.code === 'token_expired') {
    reply.header('www-authenticate', 'Bearer realm="telltale"')
  }
  if (known.retryAfterSeconds !== undefined) reply.header('retry-after', String(Math.ceil(known.retryAfterSeconds)))
  reply
    .code(known.status)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(errorBody(known, request.id)))
}

export function errorBody(error: TelltaleError, requestId?: string) {
  const { code, message } = error
  const details = code === 'internal' ? { request_id: requestId } : error.details
  return { error: details === undefined ? { code, message } : { code, message, details } }
}

export function toTelltaleError(error: unknown): TelltaleError {
  if (error instanceof TelltaleError) return error
  if (error instanceof z.ZodError) return invalidRequest(error)
  const code = fastifyCodes[(error as { code?: string } | null)?.code ?? '']
  if (code) return new TelltaleError(code.code, code.message)
  const status = (error as { statusCode?: number } | null)?.statusCode
  if (status !== undefined && status >= 400 && status < 500) {
    return new TelltaleError('invalid_request', (error as Error).message)
  }
  return new TelltaleError(
    'internal',
    'Something failed inside of the collector; its log tells what, under this request id',
    { cause: error },
  )
}

const fastifyCodes: Readonly<Record<string, { code: ErrorCode; message: string }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: {
    code: 'payload_too_large',
    message: 'The body is larger than this route takes; send smaller batches',
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: 'invalid_request',
    message: 'The body is shorter or longer than its Content-Length says; send it again whole',
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'unsupported_media_type',
    message: 'The Content-Type header cannot be read; see the route for what it takes',
  },
  FST_ERR_BAD_URL: {
    code: 'invalid_request',
    message: 'The path is not a valid URL; percent-encode special characters',
  },
  FST_ERR_ROUTE_MISSING_CONTENT_TYPE: { code: 'unsupported_media_type', message: 'Send a Content-Type header' },
}

/** Says for each field what is wrong with it, in words; the first ones, as a wrong shape breaks many. */
function invalidRequest(error: z.ZodError): TelltaleError {
  const issues = error.issues.slice(0, 10).map((issue) => ({ field: fieldPath(issue.path), problem: problemOf(issue) }))
  const [first] = issues
  const message = first.field === '' ? first.problem : `${first.field}: ${first.problem}`
  return new TelltaleError('invalid_request', message, { details: { issues } })
}

/** zod's words, made plainer where they would leave somebody guessing. */
function problemOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined'))
    return `is missing (${issue.expected})`
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue.message
  // Of the shapes that would do, those of which the value had at least the type tell most.
  const first = issue.errors.map(([nested]) => nested).filter((nested) => nested !== undefined)
  const close = first.filter(({ code }) => code !== 'invalid_type')
  const told = close.length > 0 ? close : first
  return [...new Set(told.map((nested) => problemOf(nested)))].join('; or ') || issue.message
}

function fieldPath(path: readonly PropertyKey[]): string {
  let text = ''
  for (const part of path)
    text += typeof part === 'number' ? `[${part}]` : text === '' ? String(part) : `.${String(part)}`
  return text
}
