/** Strings as the wire takes them: bounded in UTF-8 bytes, whatever the host hands over. */

export const maxNameBytes = 256
export const maxValueBytes = 4096

/** UTF-8 bytes of `text`, counted only as far as `limit`; a lone surrogate counts as U+FFFD, three bytes. */
export function utf8Bytes(text: string, limit = Number.POSITIVE_INFINITY): number {
  return prefix(text, limit).bytes
}

/** The longest prefix of `text` of at most `maxBytes` UTF-8 bytes, never splitting a character. */
export function truncate(text: string, maxBytes: number): string {
  // A UTF-16 unit is at most three UTF-8 bytes, so most strings need no counting.
  if (text.length * 3 <= maxBytes) return text
  const end = prefix(text, maxBytes).end
  // Slicing a huge string keeps all of it alive; a copy by way of an array lets it go.
  return end === text.length ? text : Array.from(text.slice(0, end)).join('')
}

/** A name that metrics, events, tasks and attributes may have: 1 to 256 bytes, no control characters. */
export function isName(value: unknown): value is string {
  if (typeof value !== 'string' || value.length === 0 || value.length > maxNameBytes) return false
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i)
    if (unit < 0x20 || unit === 0x7f) return false
  }
  return value.length * 3 <= maxNameBytes || utf8Bytes(value) <= maxNameBytes
}

function prefix(text: string, limit: number): { end: number; bytes: number } {
  let bytes = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    let size = 3
    let units = 1
    if (unit < 0x80) size = 1
    else if (unit < 0x800) size = 2
    else if (unit >= 0xd800 && unit < 0xdc00) {
      const next = text.charCodeAt(i + 1)
      if (next >= 0xdc00 && next < 0xe000) {
        size = 4
        units = 2
      }
    }
    if (bytes + size > limit) return { end: i, bytes }
    bytes += size
    i += units - 1
  }
  return { end: text.length, bytes }
}
