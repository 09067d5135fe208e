/** Ids of task runs: 16 hexadecimal digits, 12 random and 4 counted. Random bytes are drawn once in 65,536 runs. */
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
      this.#next = 0
      this.#prefix = Array.from(this.#randomBytes(6), (byte) => hexByte[byte]).join('')
    }
    const count = this.#next++
    return this.#prefix + hexByte[count >> 8] + hexByte[count & 0xff]
  }
}
