/** The strings of one batch, each once; a reference is an index. Entry 0 is the empty string, which means absence. */
export class Dictionary {
  readonly strings: string[] = ['']
  /** Roughly what the strings take on the wire. */
  bytes = 0
  readonly #refs = new Map<string, number>([['', 0]])

  ref(text: string): number {
    const known = this.#refs.get(text)
    if (known !== undefined) return known
    const ref = this.append(text)
    this.#refs.set(text, ref)
    return ref
  }

  /** For strings that are known to be new, such as generated ids: spares the look-up. */
  append(text: string): number {
    this.bytes += text.length + 2
    return this.strings.push(text) - 1
  }
}
