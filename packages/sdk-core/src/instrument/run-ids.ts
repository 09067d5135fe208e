/** Ids of task runs: 16 hexadecimal digits, 12 random and 4 counted. Random bytes are drawn once in 65,535 runs. */
const hexByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

export class RunIds {
  readonly #randomBytes: (count: number) => Uint8Array
  #prefix = ''
  #next = 0x10000

  constructor(randomBytes: (count: number) => Uint8Array) {
    this.#randomBytes = randomBytes
  }

  fresh(): string {
    if (this.#next > 0xffff) {
      // Counting from 1 keeps the id of all zeros out, which no span may have.
      this.#next = 1
      this.#prefix = this.#hex(6)
    }
    const count = this.#next++
    return this.#prefix + hexByte[count >> 8] + hexByte[count & 0xff]
  }

  /** 32 hexadecimal digits, never all zero. */
  freshTrace(): string {
    return this.#hex(8) + this.fresh()
  }

  #hex(bytes: number): string {
    return Array.from(this.#randomBytes(bytes), (byte) => hexByte[byte]).join('')
  }
}
