/**
 * From an attributes object to a handle without building a key: one Map lookup for each value.
 *
 * A host's call sites pass the same keys in the same order over and over. So the raw values lead through nested maps to
 * the handle, and only an unknown path is sorted, turned to strings and matched with the series of the client.
 */
import type { AttributeValue } from '../attributes.js'
import type { Attributes } from '../register.js'

export interface Resolver<H> {
  /** Runs the host's getters, so it may throw. */
  find(attributes: Attributes): H | undefined
  remember(attributes: Attributes, handle: H): void
}

type Level<H> = Map<AttributeValue, Level<H> | H>

/** Keys that were declared with the instrument: only these are read, in their order. */
export class DeclaredResolver<H extends object> implements Resolver<H> {
  readonly #names: readonly string[]
  readonly #root: Level<H> = new Map()

  constructor(names: readonly string[]) {
    this.#names = names
  }

  find(attributes: Attributes): H | undefined {
    const names = this.#names
    const last = names.length - 1
    let level: Level<H> | undefined = this.#root
    for (let i = 0; i < last; i++) {
      // Levels above the last hold maps only, and the last holds handles only.
      level = level.get(attributes[names[i]]) as Level<H> | undefined
      if (level === undefined) return undefined
    }
    return level.get(attributes[names[last]]) as H | undefined
  }

  remember(attributes: Attributes, handle: H): void {
    const names = this.#names
    const last = names.length - 1
    let level = this.#root
    for (let i = 0; i < last; i++) {
      const value = attributes[names[i]]
      let next = level.get(value) as Level<H> | undefined
      if (next === undefined) {
        next = new Map()
        level.set(value, next)
      }
      level = next
    }
    level.set(attributes[names[last]], handle)
  }
}

interface Node<H> {
  handle: H | undefined
  readonly next: Map<string, Map<AttributeValue, Node<H>>>
}

/** Any keys, in the order of the object; the same attributes in two orders lead to two handles of one series. */
export class OpenResolver<H extends object> implements Resolver<H> {
  readonly #root: Node<H> = { handle: undefined, next: new Map() }

  find(attributes: Attributes): H | undefined {
    let node = this.#root
    for (const name in attributes) {
      const next = node.next.get(name)?.get(attributes[name])
      if (next === undefined) return undefined
      node = next
    }
    return node.handle
  }

  remember(attributes: Attributes, handle: H): void {
    let node = this.#root
    for (const name in attributes) {
      let byValue = node.next.get(name)
      if (byValue === undefined) {
        byValue = new Map()
        node.next.set(name, byValue)
      }
      const value = attributes[name]
      let next = byValue.get(value)
      if (next === undefined) {
        next = { handle: undefined, next: new Map() }
        byValue.set(value, next)
      }
      node = next
    }
    node.handle = handle
  }
}
