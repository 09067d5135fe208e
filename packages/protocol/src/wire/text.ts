/** UTF-8 → string for the reader: short ASCII, which is most of what we carry, without a TextDecoder. */
import { WireError } from './errors.js'

/** Above this length TextDecoder is faster than a loop. */
const loopBytes = 48

let decoder: InstanceType<typeof TextDecoder> | undefined

export function readString(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= loopBytes) {
    let text = ''
    let i = start
    for (; i < end; i++) {
      const code = bytes[i]
      if (code > 127) break
      text += String.fromCharCode(code)
    }
    if (i === end) return text
  }
  // A byte order mark is text like any other here: a reader that swallowed it would not give back what was sent.
  decoder ??= new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  try {
    return decoder.decode(bytes.subarray(start, end))
  } catch {
    throw new WireError('invalid_utf8', start)
  }
}
