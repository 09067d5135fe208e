/** Which cell a pointer is on, and which a key goes to. */

export interface Cell {
  column: number
  /** From the top. */
  row: number
}

interface Size {
  columns: number
  rows: number
}

const moves: Record<string, [columns: number, rows: number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  PageUp: [-10, 0],
  PageDown: [10, 0],
}

export function cellAt(event: PointerEvent, plot: HTMLElement, { columns, rows }: Size): Cell {
  const { left, top, width, height } = plot.getBoundingClientRect()
  const clamp = (value: number, count: number) => Math.max(0, Math.min(count - 1, Math.floor(value)))
  return {
    column: clamp(((event.clientX - left) / width) * columns, columns),
    row: clamp(((event.clientY - top) / height) * rows, rows),
  }
}

/** Undefined for keys that move nothing; the first press goes to the newest column's middle. */
export function moveCell(key: string, from: Cell | undefined, { columns, rows }: Size): Cell | undefined {
  if (columns === 0 || rows === 0) return undefined
  const start = from ?? { column: columns - 1, row: rows >> 1 }
  if (key === 'Home') return { ...start, column: 0 }
  if (key === 'End') return { ...start, column: columns - 1 }
  if (!Object.hasOwn(moves, key)) return undefined
  if (!from) return start
  const [dx, dy] = moves[key]
  return {
    column: Math.max(0, Math.min(columns - 1, start.column + dx)),
    row: Math.max(0, Math.min(rows - 1, start.row + dy)),
  }
}
