/**
 * Moves and resizes items by mouse, touch and pen. Each step is the start layout with the held item elsewhere, so letting go
 * of Escape leaves nothing behind. The page scrolls while the pointer is near its edge.
 */
import { type Cell, place, type Rect } from '../../board/layout.js'

export interface DragGrid {
  /** The element whose CSS grid the items are on. */
  grid: HTMLElement
  item: HTMLElement
  cells: readonly Cell[]
  columns: number
  isRtl: boolean
  /** Shows a layout meanwhile. */
  show(cells: Cell[]): void
  /** Undefined: it was given up. */
  done(cells: Cell[] | undefined): void
}

const scrollZonePx = 56
const scrollStepPx = 14

export function startDrag(event: PointerEvent, mode: 'move' | 'resize', drag: DragGrid): void {
  const { grid, item, cells, columns, isRtl } = drag
  const start = cells.find(({ id }) => id === item.dataset.id)
  if (!start || event.button !== 0) return
  event.preventDefault()
  const handle = event.currentTarget as HTMLElement
  const size = cellSize(grid, columns)
  const origin = { x: event.clientX, y: event.clientY + scrollTop() }
  const home = item.getBoundingClientRect()
  const homeTop = home.top + scrollTop()
  let latest: Cell[] = [...cells]
  let pointer = event
  let frame = 0
  handle.setPointerCapture(event.pointerId)
  item.classList.add('held')

  const update = () => {
    const dx = (pointer.clientX - origin.x) * (isRtl ? -1 : 1)
    const dy = pointer.clientY + scrollTop() - origin.y
    const rect: Partial<Rect> =
      mode === 'move'
        ? { x: Math.round(start.x + dx / size.width), y: Math.round(start.y + dy / size.height) }
        : { w: Math.round(start.w + dx / size.width), h: Math.round(start.h + dy / size.height) }
    const next = place(cells, start.id, rect, columns)
    if (!isSameLayout(next, latest)) {
      latest = next
      drag.show(next)
    }
    if (mode === 'move') follow()
  }

  /** The held item stays under the pointer, wherever its cell is meanwhile. */
  const follow = () => {
    item.style.translate = ''
    const cell = item.getBoundingClientRect()
    const x = home.left + (pointer.clientX - origin.x) - cell.left
    const y = homeTop + (pointer.clientY + scrollTop() - origin.y) - (cell.top + scrollTop())
    item.style.translate = `${x}px ${y}px`
  }

  const scroll = () => {
    frame = requestAnimationFrame(scroll)
    const step =
      pointer.clientY < scrollZonePx ? -scrollStepPx : pointer.clientY > innerHeight - scrollZonePx ? scrollStepPx : 0
    if (step === 0) return
    const before = scrollTop()
    scrollBy(0, step)
    if (scrollTop() !== before) update()
  }

  const end = (isKept: boolean) => {
    cancelAnimationFrame(frame)
    item.style.translate = ''
    item.classList.remove('held')
    handle.removeEventListener('pointermove', moved)
    handle.removeEventListener('pointerup', dropped)
    handle.removeEventListener('pointercancel', given)
    removeEventListener('keydown', pressed, true)
    drag.done(isKept && !isSameLayout(latest, cells) ? latest : undefined)
  }
  const moved = (next: PointerEvent) => {
    pointer = next
    update()
  }
  const dropped = () => end(true)
  const given = () => end(false)
  const pressed = (key: KeyboardEvent) => {
    if (key.key !== 'Escape') return
    key.preventDefault()
    key.stopPropagation()
    end(false)
  }
  handle.addEventListener('pointermove', moved)
  handle.addEventListener('pointerup', dropped)
  handle.addEventListener('pointercancel', given)
  addEventListener('keydown', pressed, true)
  frame = requestAnimationFrame(scroll)
}

/** One column or row with its gap. */
function cellSize(grid: HTMLElement, columns: number): { width: number; height: number } {
  const style = getComputedStyle(grid)
  const gap = Number.parseFloat(style.columnGap) || 0
  const width = grid.clientWidth - Number.parseFloat(style.paddingLeft) - Number.parseFloat(style.paddingRight)
  return { width: (width + gap) / columns, height: Number.parseFloat(style.gridAutoRows) + gap }
}

function scrollTop(): number {
  return document.scrollingElement?.scrollTop ?? 0
}

function isSameLayout(a: readonly Cell[], b: readonly Cell[]): boolean {
  if (a.length !== b.length) return false
  const places = new Map(b.map((cell) => [cell.id, cell]))
  return a.every(({ id, x, y, w, h }) => {
    const other = places.get(id)
    return other !== undefined && other.x === x && other.y === y && other.w === w && other.h === h
  })
}
