/** Registers a tag once; a second copy of the script on a page leaves the first one's tags alone. */
export function define(name: string, element: CustomElementConstructor): void {
  if (!customElements.get(name)) customElements.define(name, element)
}
