/**
 * Pointers, fingers and wheels on a plotting area. A mouse hovers, drags a span, and with Shift moves the window; a finger
 * taps, moves the window sideways, and held down slides the cursor; two fingers pinch; a wheel zooms about the pointer.
 * Positions are in the area's own CSS pixels, also where an ancestor is scaled.
 */

export interface Position {
  x: number
  y: number
}

export interface GestureListener {
  /** Null when the pointer has left. */
  hover(position: Position | null): void
  /** A span is being dragged; null when the drag ends or is given up. */
  selecting(span: [from: number, to: number] | null): void
  selected(from: number, to: number): void
  click(x: number, y: number): void
  /** What is under the pointer follows it by so many pixels. False: it can't go further. */
  pan(byPx: number): boolean
  /** The window becomes `factor` times as wide about x. False: it can't. */
  zoom(factor: number, x: number): boolean
  reset(): void
}

/** `zoom`: a wheel zooms; `ctrl`: only with Ctrl or ⌘; `off`: never. */
export type WheelMode = 'zoom' | 'ctrl' | 'off'

/** Below this a drag is a click with an unsteady hand. */
const minDragPx = 6
const longPressMs = 350
/** A notch of a usual wheel is 100 px: a quarter more or less. Pinches on a trackpad come as small Ctrl+wheel steps. */
const wheelZoomPerPx = 0.0022
const pinchZoomPerPx = 0.01
const lineHeightPx = 16

type Mode = 'idle' | 'pressed' | 'select' | 'pan' | 'scrub' | 'pinch'

/** Listens until `signal` aborts. */
export function listenToPointers(
  element: HTMLElement,
  listener: GestureListener,
  wheelMode: () => WheelMode,
  signal: AbortSignal,
): void {
  const touches = new Map<number, Position>()
  let mode: Mode = 'idle'
  let start: Position = { x: 0, y: 0 }
  let lastX = 0
  let hasDragged = false
  let pressTimer: ReturnType<typeof setTimeout> | undefined
  /** The pointer has moved here since the page last scrolled: the wheel is meant for the chart. */
  let isArmed = false

  const position = (event: MouseEvent): Position => {
    const rect = element.getBoundingClientRect()
    const ratio = element.offsetWidth / rect.width || 1
    const clamp = (value: number, size: number) => Math.max(0, Math.min(size, value * ratio))
    return {
      x: clamp(event.clientX - rect.left, element.offsetWidth),
      y: clamp(event.clientY - rect.top, element.offsetHeight),
    }
  }
  const capture = (event: PointerEvent) => {
    // Captured only now: a captured press would send its click to the area even when it ends elsewhere.
    if (!hasDragged && event.isTrusted) element.setPointerCapture(event.pointerId)
    hasDragged = true
  }
  const end = () => {
    clearTimeout(pressTimer)
    if (mode === 'select') listener.selecting(null)
    mode = 'idle'
  }

  const pressMouse = (event: PointerEvent, at: Position) => {
    if (event.button !== 0) return
    mode = event.shiftKey ? 'pan' : 'pressed'
    start = at
    lastX = at.x
  }
  const pressTouch = (event: PointerEvent, at: Position) => {
    touches.set(event.pointerId, at)
    if (touches.size === 2) {
      end()
      mode = 'pinch'
      hasDragged = true
      listener.hover(null)
    } else if (touches.size === 1) {
      mode = 'pressed'
      start = at
      lastX = at.x
      pressTimer = setTimeout(() => {
        if (mode !== 'pressed') return
        mode = 'scrub'
        listener.hover(start)
      }, longPressMs)
    }
  }
  const pinch = (event: PointerEvent, at: Position) => {
    const [one, other] = touches.values()
    const before = { distance: Math.abs(one.x - other.x), middle: (one.x + other.x) / 2 }
    touches.set(event.pointerId, at)
    const [a, b] = touches.values()
    const distance = Math.max(12, Math.abs(a.x - b.x))
    const middle = (a.x + b.x) / 2
    listener.zoom(Math.max(12, before.distance) / distance, middle)
    listener.pan(middle - before.middle)
  }
  const move = (event: PointerEvent) => {
    const at = position(event)
    isArmed = true
    if (event.pointerType !== 'mouse' && !touches.has(event.pointerId)) return listener.hover(at)
    if (mode === 'pinch') return pinch(event, at)
    const isTouch = event.pointerType !== 'mouse'
    if (!isTouch || mode === 'scrub') listener.hover(at)
    if (mode === 'pressed' && Math.abs(at.x - start.x) >= minDragPx) {
      clearTimeout(pressTimer)
      mode = isTouch ? 'pan' : 'select'
      if (isTouch) listener.hover(null)
    }
    if (mode === 'select') {
      capture(event)
      listener.selecting([Math.min(start.x, at.x), Math.max(start.x, at.x)])
    } else if (mode === 'pan' && at.x !== lastX) {
      capture(event)
      listener.pan(at.x - lastX)
      lastX = at.x
    }
  }
  const release = (event: PointerEvent) => {
    touches.delete(event.pointerId)
    const { x } = position(event)
    const wasSelecting = mode === 'select'
    if (mode !== 'pinch' || touches.size === 0) end()
    if (wasSelecting && Math.abs(x - start.x) >= minDragPx) {
      listener.selected(Math.min(start.x, x), Math.max(start.x, x))
    }
  }
  const turn = (event: WheelEvent) => {
    const wanted = wheelMode()
    const isPinch = event.ctrlKey || event.metaKey
    if (wanted === 'off' || (!isPinch && (wanted === 'ctrl' || !isArmed))) return
    const unit = event.deltaMode === 1 ? lineHeightPx : event.deltaMode === 2 ? element.offsetHeight : 1
    const [dx, dy] = [event.deltaX * unit, event.deltaY * unit]
    const isSideways = !isPinch && (event.shiftKey || Math.abs(dx) > Math.abs(dy))
    const { x } = position(event)
    const perPx = isPinch && Math.abs(dy) < 40 ? pinchZoomPerPx : wheelZoomPerPx
    // What the chart can't use scrolls the page.
    const isUsed = isSideways ? listener.pan(-(dx || dy)) : listener.zoom(Math.exp(dy * perPx), x)
    if (isUsed || isPinch) event.preventDefault()
  }

  const on = <Name extends keyof HTMLElementEventMap>(
    name: Name,
    handle: (event: HTMLElementEventMap[Name]) => void,
    passive = true,
  ) => element.addEventListener(name, handle, { signal, passive })
  on('pointerdown', (event) => {
    hasDragged = hasDragged && touches.size > 0
    if (event.pointerType === 'mouse') pressMouse(event, position(event))
    else pressTouch(event, position(event))
  })
  on('pointermove', move)
  on('pointerup', release)
  on('pointercancel', (event) => {
    touches.delete(event.pointerId)
    end()
  })
  on('pointerleave', (event) => {
    // A finger that is lifted leaves what it has shown.
    if (mode !== 'select' && event.pointerType === 'mouse') listener.hover(null)
  })
  on('click', (event) => {
    if (hasDragged) return
    const at = position(event)
    if ((event as PointerEvent).pointerType === 'touch') listener.hover(at)
    listener.click(at.x, at.y)
  })
  on('dblclick', () => listener.reset())
  on('wheel', turn, false)
  const disarm = () => {
    isArmed = false
  }
  addEventListener('scroll', disarm, { signal, passive: true, capture: true })
  addEventListener(
    'pointerdown',
    (event) => {
      if (event.pointerType !== 'mouse' && !event.composedPath().includes(element)) listener.hover(null)
    },
    { signal, passive: true, capture: true },
  )
}
