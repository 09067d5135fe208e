/**
 * Which sequence numbers of one stream are already stored: the deduplication window that the journal keeps for each
 * (project, stream), in the same transaction as the batches themselves.
 *
 *      seen              seen or not, one bit each             not seen
 *   ───────────┤ watermark ├────────── 8,192 ──────────┤ watermark + 8,192 ├──────►
 *
 * A sequence far ahead drags the window along; what falls out below it counts as seen from then on.
 */

export const WINDOW_SIZE = 8192
const WINDOW_BYTES = WINDOW_SIZE / 8

export class StreamWindow {
  /** Every sequence up to and including this one is seen. −1: none. */
  #watermark: number
  /** A ring: the bit of sequence s is s mod 8,192. Absent while no bit is set, which is the rule for a stream in order. */
  #bits: Uint8Array | undefined
  #set = 0

  constructor(watermark = -1, bits?: Uint8Array) {
    this.#watermark = watermark
    if (bits === undefined || bits.length !== WINDOW_BYTES) return
    this.#bits = Uint8Array.from(bits)
    for (const byte of bits) for (let rest = byte; rest > 0; rest &= rest - 1) this.#set++
  }

  get watermark(): number {
    return this.#watermark
  }

  has(sequence: number): boolean {
    if (sequence <= this.#watermark) return true
    if (this.#bits === undefined || sequence > this.#watermark + WINDOW_SIZE) return false
    return (this.#bits[(sequence % WINDOW_SIZE) >>> 3] & (1 << (sequence & 7))) !== 0
  }

  /** Marks a sequence that `has` does not know. */
  add(sequence: number): void {
    if (sequence > this.#watermark + WINDOW_SIZE) this.#slideTo(sequence - WINDOW_SIZE)
    if (sequence !== this.#watermark + 1) {
      this.#bits ??= new Uint8Array(WINDOW_BYTES)
      this.#bits[(sequence % WINDOW_SIZE) >>> 3] |= 1 << (sequence & 7)
      this.#set++
      return
    }
    this.#watermark = sequence
    while (this.#set > 0 && this.#take(this.#watermark + 1)) this.#watermark++
  }

  clone(): StreamWindow {
    return new StreamWindow(this.#watermark, this.#set > 0 ? this.#bits : undefined)
  }

  /** What the journal stores beside the watermark; empty while the stream is in order. */
  bitmap(): Uint8Array {
    return this.#set > 0 && this.#bits !== undefined ? this.#bits : new Uint8Array(0)
  }

  #slideTo(watermark: number): void {
    // After one whole turn of the ring every bit is clear; further steps would change nothing.
    const last = Math.min(watermark, this.#watermark + WINDOW_SIZE)
    for (let s = this.#watermark + 1; s <= last && this.#set > 0; s++) this.#take(s)
    this.#watermark = watermark
    while (this.#set > 0 && this.#take(this.#watermark + 1)) this.#watermark++
  }

  /** Clears the bit of a sequence and tells whether it was set. */
  #take(sequence: number): boolean {
    if (this.#bits === undefined) return false
    const byte = (sequence % WINDOW_SIZE) >>> 3
    const mask = 1 << (sequence & 7)
    if ((this.#bits[byte] & mask) === 0) return false
    this.#bits[byte] &= ~mask
    this.#set--
    return true
  }
}
