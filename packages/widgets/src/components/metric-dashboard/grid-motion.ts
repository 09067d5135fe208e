/** Puts the items of a board where the layout has them, and lets those that move glide there. */
import type { Cell } from '../../board/layout.js'

const glideMs = 180

/** Positions go in through the CSSOM, which a strict policy allows where it forbids style attributes. */
export function positionItems(items: Iterable<HTMLElement>, cells: readonly Cell[]): void {
  const places = new Map(cells.map((cell) => [cell.id, cell]))
  for (const item of items) {
    const cell = places.get(item.dataset.id ?? '')
    if (!cell) continue
    item.style.gridArea = `${cell.y + 1} / ${cell.x + 1} / span ${cell.h} / span ${cell.w}`
  }
}

/** Where items are now, to glide from. */
export function measure(items: Iterable<HTMLElement>): Map<HTMLElement, DOMRect> {
  return new Map([...items].map((item) => [item, item.getBoundingClientRect()]))
}

/** From where they were to where they are, on the compositor; the held one follows the pointer instead. */
export function glide(before: ReadonlyMap<HTMLElement, DOMRect>, held: HTMLElement | undefined): void {
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return
  for (const [item, from] of before) {
    if (item === held || !item.isConnected) continue
    const to = item.getBoundingClientRect()
    const dx = from.left - to.left
    const dy = from.top - to.top
    if (dx === 0 && dy === 0) continue
    item.animate([{ transform: `translate(${dx}px, ${dy}px)` }, { transform: 'none' }], {
      duration: glideMs,
      easing: 'cubic-bezier(0.2, 0.8, 0.2, 1)',
    })
  }
}
