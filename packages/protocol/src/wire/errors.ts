/** What goes wrong on the wire: one error class with a stable code and the byte where reading stopped. */
import type { WireErrorCode } from './error-table.js'

/** Bytes that are not a batch, or more than the reader's limits allow. Match on `code`; `wireErrors[code]` explains it. */
export class WireError extends Error {
  override readonly name = 'WireError'
  readonly code: WireErrorCode
  /** Byte in the input near which reading stopped; 0 where no single byte is at fault. */
  readonly offset: number

  constructor(code: WireErrorCode, offset: number) {
    super(`${code} at byte ${offset}`)
    this.code = code
    this.offset = offset
  }
}
