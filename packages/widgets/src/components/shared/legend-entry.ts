/** What clicks and keys on an entry of a legend mean: one hides or shows it, two (or Alt) show it alone, or all again. */

export interface EntryActions {
  toggle(): void
  isolate(): void
}

export function entryClicked(event: MouseEvent, { toggle, isolate }: EntryActions): void {
  if (event.altKey) isolate()
  // The second click of two undoes nothing: it is part of what shows the entry alone.
  else if (event.detail < 2) toggle()
}

export function entryPressed(event: KeyboardEvent, { isolate }: EntryActions): void {
  if (!event.altKey || (event.key !== 'Enter' && event.key !== ' ')) return
  event.preventDefault()
  isolate()
}

export function toggleEntry(hidden: Set<string>, key: string): void {
  if (!hidden.delete(key)) hidden.add(key)
}

export function isolateEntry(hidden: Set<string>, keys: readonly string[], key: string): void {
  const others = keys.filter((each) => each !== key)
  const isAlone = others.length > 0 && others.every((each) => hidden.has(each))
  hidden.clear()
  if (!isAlone) for (const each of others) hidden.add(each)
}
