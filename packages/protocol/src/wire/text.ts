/** UTF-8 → string for the reader: short ASCII, which is most of what we carry, without a TextDecoder. */
import { WireError } from './errors.js'

/** Above this length one call of TextDecoder costs less than the loop. */
const loopBytes = 40
const fromCodes = String.fromCharCode

let decoder: InstanceType<typeof TextDecoder> | undefined

export function readString(bytes: Uint8Array, start: number, end: number): string {
  return (end - start <= loopBytes ? readAscii(bytes, start, end) : undefined) ?? readUtf8(bytes, start, end)
}

/** Eight characters a step: each concatenation costs about as much as one step. `undefined` where a byte is not ASCII. */
function readAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = ''
  let i = start
  for (; i + 8 <= end; i += 8) {
    const a = bytes[i]
    const b = bytes[i + 1]
    const c = bytes[i + 2]
    const d = bytes[i + 3]
    const e = bytes[i + 4]
    const f = bytes[i + 5]
    const g = bytes[i + 6]
    const h = bytes[i + 7]
    if ((a | b | c | d | e | f | g | h) > 127) return undefined
    text += fromCodes(a, b, c, d, e, f, g, h)
  }
  for (; i < end; i++) {
    if (bytes[i] > 127) return undefined
    text += fromCodes(bytes[i])
  }
  return text
}

function readUtf8(bytes: Uint8Array, start: number, end: number): string {
  // A byte order mark is text like any other here: a reader that swallowed it would not give back what was sent.
  decoder ??= new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  try {
    return decoder.decode(bytes.subarray(start, end))
  } catch {
    throw new WireError('invalid_utf8', start)
  }
}
