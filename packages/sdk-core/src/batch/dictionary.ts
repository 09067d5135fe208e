import { hex4 } from '../instrument/run-ids.js'

/** The strings of one batch, each once; a reference is an index. Entry 0 is the empty string, which means absence. */
export class Dictionary {
  readonly strings: string[] = ['']
  /** Roughly what the strings take on the wire. */
  bytes = 0
  /** Entries that are '' stand for these: see `Batch.numbered`. */
  numbered: { prefix: string; numbers: number[] } | undefined = undefined
  readonly #refs = new Map<string, number>([['', 0]])

  ref(text: string): number {
    const known = this.#refs.get(text)
    if (known !== undefined) return known
    const ref = this.append(text)
    this.#refs.set(text, ref)
    return ref
  }

  /** The string `prefix` and `number` in hexadecimal, which is known to be new, without making it. */
  appendNumbered(prefix: string, number: number): number {
    this.numbered ??= { prefix, numbers: [] }
    if (this.numbered.prefix !== prefix) return this.append(prefix + hex4(number))
    this.numbered.numbers.push(number)
    this.bytes += prefix.length + 6
    return this.strings.push('') - 1
  }

  /** For strings that are known to be new, such as generated ids: spares the look-up. */
  append(text: string): number {
    this.bytes += text.length + 2
    return this.strings.push(text) - 1
  }
}
