/** What failed, in one word of few: the attribute `error.type`. */

/** A code such as ECONNRESET or 23505 tells more than a class, and both have few values. */
export function errorType(error: unknown): string {
  try {
    const { code, name } = error as { code?: unknown; name?: unknown }
    // A DOMException has a number as its code.
    if (typeof code === 'string' && code !== '') return code.slice(0, 64)
    if (typeof name === 'string' && name !== '') return name.slice(0, 64)
  } catch {
    // A thrown thing that cannot be read has no better name.
  }
  return '_OTHER'
}
