/**
 * Ids of task runs: 16 hexadecimal digits, 12 random and 4 counted. Random bytes are drawn once in 65,535 runs, and most ids
 * never become a string: the number is all that a row needs.
 */
const hexByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Four hexadecimal digits of a number below 65,536. */
export function hex4(number: number): string {
  return hexByte[number >> 8] + hexByte[number & 0xff]
}

export class RunIds {
  readonly #randomBytes: (count: number) => Uint8Array
  /** Of the number that was given last. */
  prefix = ''
  #next = 0x10000

  constructor(randomBytes: (count: number) => Uint8Array) {
    this.#randomBytes = randomBytes
  }

  /** Read `prefix` with it: together they are the id. */
  freshNumber(): number {
    if (this.#next > 0xffff) {
      // Counting from 1 keeps the id of all zeros out, which no span may have.
      this.#next = 1
      this.prefix = this.#hex(6)
    }
    return this.#next++
  }

  fresh(): string {
    const number = this.freshNumber()
    return this.prefix + hex4(number)
  }

  /** 32 hexadecimal digits, never all zero. */
  freshTrace(): string {
    return this.#hex(8) + this.fresh()
  }

  #hex(bytes: number): string {
    return Array.from(this.#randomBytes(bytes), (byte) => hexByte[byte]).join('')
  }
}
