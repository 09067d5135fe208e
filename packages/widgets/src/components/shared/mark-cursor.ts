/** How keys move over marks that stand in a row or in a grid: arrows by one, Page keys by ten, Home and End to the ends. */

/** The mark that a key goes to; null for keys that move nothing. `current` −1: none is chosen yet. */
export function moveMark(key: string, current: number, count: number, isRtl = false): number | null {
  if (count === 0) return null
  const forward = isRtl ? 'ArrowLeft' : 'ArrowRight'
  const back = isRtl ? 'ArrowRight' : 'ArrowLeft'
  if (key === 'Home') return 0
  if (key === 'End') return count - 1
  const step = { [forward]: 1, ArrowDown: 1, [back]: -1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[key]
  if (step === undefined) return null
  if (current < 0) return step > 0 ? 0 : count - 1
  return Math.max(0, Math.min(count - 1, current + step))
}

export function isRtl(element: Element): boolean {
  return getComputedStyle(element).direction === 'rtl'
}
