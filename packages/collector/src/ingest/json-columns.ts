/** JSON values → the dictionary and attribute columns of a wire batch. */
import type { AttributeColumn } from '@telltale/protocol'

export class Dictionary {
  readonly strings = ['']
  readonly #refs = new Map([['', 0]])

  ref(text: string): number {
    const known = this.#refs.get(text)
    if (known !== undefined) return known
    this.#refs.set(text, this.strings.length)
    return this.strings.push(text) - 1
  }
}

/** One column for each key and type of value: a key whose values differ in type takes several. */
export class AttributeColumns {
  readonly #dictionary: Dictionary
  readonly #columns = new Map<string, AttributeColumn & { row: number[]; value: number[] }>()

  constructor(dictionary: Dictionary) {
    this.#dictionary = dictionary
  }

  add(row: number, key: string, value: string | number | boolean, dimension = false): void {
    const type = typeof value === 'boolean' ? 'bool' : typeof value === 'number' ? 'number' : 'string'
    const place = `${type}:${dimension}:${key}`
    let column = this.#columns.get(place)
    if (!column) {
      column = { key: this.#dictionary.ref(key), type, row: [], value: [], dimension }
      this.#columns.set(place, column)
    }
    column.row.push(row)
    column.value.push(typeof value === 'string' ? this.#dictionary.ref(value) : Number(value))
  }

  list(): AttributeColumn[] {
    return [...this.#columns.values()]
  }
}
