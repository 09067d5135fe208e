/**
 * Loads the code of a tag when one first stands on the page: in the document, or in an open shadow root of it. Elements that
 * are there already are upgraded by the browser once their tag is defined.
 *
 *   document, shadow roots ──MutationObserver──► a tag without code ──► import() ──► define
 */
import { Backoff } from '../client/backoff.js'
import { WidgetElement } from '../components/shared/widget-element.js'

/** By tag: what defines it. */
export type Parts = Readonly<Record<string, () => Promise<unknown>>>

export class FirstUse {
  readonly #parts: Parts
  readonly #needed = new Set<string>()
  readonly #awaited = new Set<string>()
  readonly #roots = new WeakSet<Node>()
  readonly #observer = new MutationObserver((records) => {
    for (const { addedNodes } of records)
      for (const node of addedNodes) if (node.nodeType === Node.ELEMENT_NODE) this.#look(node as Element)
  })

  constructor(parts: Parts) {
    this.#parts = parts
  }

  watch(document: Document): void {
    this.#observer.observe(document, { childList: true, subtree: true })
    this.#look(document.documentElement)
  }

  /** Ends the watch; what is being loaded is still defined. */
  stop(): void {
    this.#observer.disconnect()
  }

  #look(top: Element): void {
    this.#meet(top)
    for (const element of [...top.getElementsByTagName('*')]) this.#meet(element)
  }

  #meet(element: Element): void {
    const { localName: name, shadowRoot } = element
    if (Object.hasOwn(this.#parts, name)) this.#need(name)
    // Our own tags import what they are made of.
    else if (element instanceof WidgetElement) return
    else if (shadowRoot) this.#enter(shadowRoot)
    else if (name.includes('-')) this.#await(name)
  }

  #enter(root: ShadowRoot): void {
    if (!this.#roots.has(root)) this.#observer.observe(root, { childList: true, subtree: true })
    this.#roots.add(root)
    for (const child of root.children) this.#look(child)
  }

  /** Somebody else's tag gets its shadow root when it is defined. */
  #await(name: string): void {
    if (this.#awaited.has(name) || customElements.get(name)) return
    this.#awaited.add(name)
    void customElements.whenDefined(name).then(
      () => this.#look(document.documentElement),
      // `font-face` and its like: a dash, but nobody's tag.
      () => undefined,
    )
  }

  #need(name: string): void {
    if (this.#needed.has(name)) return
    this.#needed.add(name)
    void this.#load(name)
  }

  /** Until it is there: the network may be away. */
  async #load(name: string): Promise<void> {
    const backoff = new Backoff()
    for (;;) {
      try {
        await this.#parts[name]!()
        return
      } catch (error) {
        console.warn(`<${name}> did not load, and is tried again:`, error)
        await new Promise((resolve) => setTimeout(resolve, backoff.nextMs()))
      }
    }
  }
}
