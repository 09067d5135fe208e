/** Whether there is a page, and nobody sees it: it may be frozen or closed at any moment. */
export function hidden(): boolean {
  return !!globalThis.document?.hidden
}
