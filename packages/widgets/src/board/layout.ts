/**
 * Where widgets stand on a board: pure functions from one layout to the next, so that a drag is `place(start, …)` at each
 * step and Escape is `start`.
 *
 *   ┌───────┬───┐   columns from 0, rows from 0 downwards; widgets have weight
 *   │ a     │ b │   upwards: none hangs below a gap that it would fit in
 *   ├───┬───┴───┤
 *   │ c │ d     │
 *   └───┴───────┘
 */

export interface Rect {
  x: number
  y: number
  w: number
  h: number
}

export interface Cell extends Rect {
  id: string
  minW?: number
  minH?: number
}

/** Of its row. */
const nearlyAsHigh = 0.6

export function overlaps(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
}

/** Rows that the layout takes. */
export function rowsOf(cells: readonly Rect[]): number {
  return cells.reduce((rows, { y, h }) => Math.max(rows, y + h), 0)
}

/** Lets every widget rise until it meets another. Of those in one row `held` goes first, so that it stays where it is put. */
export function compact(cells: readonly Cell[], held?: string): Cell[] {
  const order = [...cells].sort(
    (a, b) => a.y - b.y || Number(b.id === held) - Number(a.id === held) || a.x - b.x || (a.id < b.id ? -1 : 1),
  )
  const settled: Cell[] = []
  for (const cell of order) {
    const next = { ...cell, y: floorAbove(settled, cell) }
    settled.push(next)
  }
  return settled
}

/** The highest row in which the cell rests under those that it would meet on its way up. */
function floorAbove(settled: readonly Cell[], cell: Cell): number {
  let y = 0
  for (const other of settled) {
    if (other.x < cell.x + cell.w && cell.x < other.x + other.w) y = Math.max(y, other.y + other.h)
  }
  return y
}

/** The rectangle on a grid of so many columns, no smaller than the widget allows. */
export function clamp(
  rect: Rect,
  columns: number,
  { minW = 1, minH = 1 }: { minW?: number; minH?: number } = {},
): Rect {
  const w = Math.min(columns, Math.max(Math.min(minW, columns), Math.round(rect.w)))
  const h = Math.max(minH, Math.round(rect.h))
  const x = Math.max(0, Math.min(columns - w, Math.round(rect.x)))
  return { x, y: Math.max(0, Math.round(rect.y)), w, h }
}

/**
 * Puts a widget at a rectangle. One of the same size and row that it covers for the most part changes places with it;
 * everything else that it covers moves down.
 */
export function place(start: readonly Cell[], id: string, rect: Partial<Rect>, columns: number): Cell[] {
  const before = start.find((cell) => cell.id === id)
  if (!before) return [...start]
  const moved: Cell = { ...before, ...clamp({ ...before, ...rect }, columns, before) }
  const partner = partnerOf(start, before, moved)
  const others = start
    .filter((cell) => cell.id !== id)
    .map((cell) => (cell === partner ? { ...cell, x: before.x, y: before.y } : { ...cell }))
  letPass(before, moved, others)
  pushDown(moved, others)
  return compact([moved, ...others], id)
}

/** The widget to change places with. */
function partnerOf(cells: readonly Cell[], before: Cell, moved: Cell): Cell | undefined {
  if (moved.w !== before.w || moved.h !== before.h) return undefined
  return cells.find(
    (cell) =>
      cell.id !== moved.id &&
      cell.y === before.y &&
      cell.w === moved.w &&
      cell.h === moved.h &&
      sharedPart(cell, moved) > 0.5,
  )
}

function sharedPart(a: Rect, b: Rect): number {
  const width = Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x)
  const height = Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y)
  return width > 0 && height > 0 ? (width * height) / (a.w * a.h) : 0
}

/** On its way down, what the held one has covered to its middle goes up past it. */
function letPass(before: Rect, held: Cell, others: readonly Cell[]): void {
  if (held.y <= before.y) return
  const passed = others.filter(
    (other) => overlaps(held, other) && other.y >= before.y + before.h && held.y + held.h >= other.y + other.h / 2,
  )
  for (const other of passed) other.y = before.y
  for (const other of passed) held.y = Math.max(held.y, other.y + other.h)
}

/** Moves what the held one covers below it, and what those cover in turn. Each goes down only, so this ends. */
function pushDown(held: Cell, others: readonly Cell[]): void {
  const queue: Cell[] = [held]
  for (let cell = queue.shift(); cell; cell = queue.shift()) {
    for (const other of others) {
      if (other === cell || !overlaps(cell, other)) continue
      other.y = cell.y + cell.h
      queue.push(other)
    }
  }
}

/** Without the widget; what hung below it rises. */
export function remove(cells: readonly Cell[], id: string): Cell[] {
  return compact(cells.filter((cell) => cell.id !== id))
}

/** The first free place from the top, from the left, for a widget of that size. */
export function spotFor(cells: readonly Rect[], size: { w: number; h: number }, columns: number): Rect {
  const w = Math.min(size.w, columns)
  const rows = rowsOf(cells)
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x + w <= columns; x++) {
      const rect = { x, y, w, h: size.h }
      if (!cells.some((cell) => overlaps(cell, rect))) return rect
    }
  }
  return { x: 0, y: rows, w, h: size.h }
}

/**
 * The layout for another number of columns, in reading order: widths keep their part of the board, and never less than half
 * of a narrow one.
 */
export function reflow(cells: readonly Cell[], from: number, columns: number): Cell[] {
  if (from === columns) return compact(cells)
  const order = [...cells].sort((a, b) => a.y - b.y || a.x - b.x)
  const placed: Cell[] = []
  let x = 0
  let y = 0
  let rowHeight = 0
  for (const cell of order) {
    const least = Math.min(columns, Math.ceil(columns / 2))
    const w = Math.min(columns, Math.max(least, Math.round((cell.w * columns) / from)))
    if (x + w > columns) {
      endRow(placed, y, rowHeight, columns)
      x = 0
      y += rowHeight
      rowHeight = 0
    }
    placed.push({ ...cell, x, y, w, minW: cell.minW === undefined ? undefined : Math.min(cell.minW, columns) })
    x += w
    rowHeight = Math.max(rowHeight, cell.h)
  }
  endRow(placed, y, rowHeight, columns)
  return compact(placed)
}

/** The last of a row grows to its end, where that does not double it; what is nearly as high as the row becomes so. */
function endRow(placed: readonly Cell[], y: number, rowHeight: number, columns: number): void {
  const last = placed[placed.length - 1]
  if (last && columns - last.x < last.w * 2) last.w = columns - last.x
  for (const cell of placed) if (cell.y === y && cell.h > rowHeight * nearlyAsHigh) cell.h = rowHeight
}

/** Where a key moves a widget: one column aside, or past the row above or below. */
export function step(cells: readonly Cell[], id: string, dx: number, dy: number): Partial<Rect> {
  const cell = cells.find((candidate) => candidate.id === id)
  if (!cell) return {}
  if (dy > 0) {
    const below = cells.filter((other) => other.id !== id && other.y >= cell.y + cell.h && sharesColumns(cell, other))
    const nearest = below.sort((a, b) => a.y - b.y)[0]
    return { y: nearest ? Math.max(cell.y + 1, nearest.y + nearest.h - cell.h) : cell.y + 1 }
  }
  if (dy < 0) {
    const above = cells.filter((other) => other.id !== id && other.y + other.h <= cell.y && sharesColumns(cell, other))
    const nearest = above.sort((a, b) => b.y + b.h - (a.y + a.h))[0]
    return { y: nearest ? nearest.y : Math.max(0, cell.y - 1) }
  }
  return { x: cell.x + dx }
}

function sharesColumns(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w
}
