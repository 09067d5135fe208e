/**
 * The W3C trace context of task runs: `traceparent` in from whoever caused a run, and out to whatever it causes.
 * (https://www.w3.org/TR/trace-context/#traceparent-header)
 */

/** Shared by all runs of one tree, so that a trace id made late is the same for all of them. */
export interface Trace {
  /** 32 hexadecimal digits; empty until it is needed. */
  id: string
  /** Two hexadecimal digits, handed on as they came. */
  flags: string
}

export interface Traceparent {
  trace: Trace
  /** Of the caller's span: 16 hexadecimal digits. */
  parentId: string
}

const pattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
const spanIdPattern = /^(?!0{16})[0-9a-f]{16}$/
const zeroTrace = '0'.repeat(32)
const sampled = '01'

/** Undefined where it is no valid header: what is malformed is ignored, as the standard asks. */
export function parseTraceparent(header: unknown): Traceparent | undefined {
  if (typeof header !== 'string' || header.length > 512) return undefined
  const match = pattern.exec(header.trim())
  if (match === null) return undefined
  const [, version, id, parentId, flags, rest] = match
  // Version 00 has four fields; later ones may have more.
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined
  if (id === zeroTrace || !isSpanId(parentId)) return undefined
  return { trace: { id, flags }, parentId }
}

export function isSpanId(id: string): boolean {
  return spanIdPattern.test(id)
}

export function newTrace(): Trace {
  return { id: '', flags: sampled }
}

export function formatTraceparent(trace: Trace, spanId: string): string {
  return `00-${trace.id}-${spanId}-${trace.flags}`
}
