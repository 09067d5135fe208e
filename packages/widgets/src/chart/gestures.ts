/**
 * Pointers on a plotting area: hovering and a sliding finger move the cursor, a mouse's drag selects a span, a click picks,
 * a double click resets. Positions are in the area's own CSS pixels, also where an ancestor is scaled.
 */

export interface GestureListener {
  /** Null when the pointer has left. */
  hover(position: { x: number; y: number } | null): void
  /** A span is being dragged; null when the drag ends or is given up. */
  selecting(span: [from: number, to: number] | null): void
  selected(from: number, to: number): void
  click(x: number, y: number): void
  reset(): void
}

/** Below this a drag is a click with an unsteady hand. */
const minDragPx = 6

/** Listens until the element goes away: it holds the only references. */
export function listenToPointers(element: HTMLElement, listener: GestureListener): void {
  let startX: number | null = null
  let isDrag = false

  const position = (event: MouseEvent) => {
    const rect = element.getBoundingClientRect()
    const ratio = element.offsetWidth / rect.width || 1
    const clamp = (value: number, size: number) => Math.max(0, Math.min(size, value * ratio))
    return {
      x: clamp(event.clientX - rect.left, element.offsetWidth),
      y: clamp(event.clientY - rect.top, element.offsetHeight),
    }
  }
  const end = () => {
    startX = null
    listener.selecting(null)
  }

  element.addEventListener('pointerdown', (event) => {
    const at = position(event)
    isDrag = false
    if (event.pointerType !== 'mouse') listener.hover(at)
    else if (event.button === 0) startX = at.x
  })
  element.addEventListener('pointermove', (event) => {
    const at = position(event)
    listener.hover(at)
    if (startX === null || (!isDrag && Math.abs(at.x - startX) < minDragPx)) return
    // Captured only now: a captured press would send its click to the area even when it ends elsewhere.
    if (!isDrag) element.setPointerCapture(event.pointerId)
    isDrag = true
    listener.selecting([Math.min(startX, at.x), Math.max(startX, at.x)])
  })
  element.addEventListener('pointerup', (event) => {
    if (startX !== null && isDrag) {
      const { x } = position(event)
      if (Math.abs(x - startX) >= minDragPx) listener.selected(Math.min(startX, x), Math.max(startX, x))
    }
    end()
  })
  element.addEventListener('pointercancel', end)
  element.addEventListener('pointerleave', () => {
    if (startX === null) listener.hover(null)
  })
  element.addEventListener('click', (event) => {
    if (isDrag) return
    const { x, y } = position(event)
    listener.click(x, y)
  })
  element.addEventListener('dblclick', () => listener.reset())
}
