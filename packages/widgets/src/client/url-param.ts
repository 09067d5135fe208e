/** One parameter of the page's address that a picker keeps in step with itself, so that a link shows what was seen. */

/** Null where the address does not have it. */
export function readParam(name: string): string | null {
  return new URL(location.href).searchParams.get(name)
}

/** Replaces the address without a new entry in the history; an empty value takes the parameter out. */
export function writeParam(name: string, value: string): void {
  const url = new URL(location.href)
  if ((url.searchParams.get(name) ?? '') === value) return
  if (value) url.searchParams.set(name, value)
  else url.searchParams.delete(name)
  history.replaceState(history.state, '', url)
}
