/** Keys of a board that is edited, and the clipboard that all boards of a page share. */
import type { DashboardWidget } from '@telltale/protocol/api'

export interface KeyedBoard {
  undo(): void
  redo(): void
  removeWidget(id: string): void
  paste(widget: DashboardWidget): void
}

/** What was copied last. */
let clipboard: DashboardWidget | undefined

/** True where the key was meant for the board; `focused` is the widget that has the focus. */
export function boardKey(event: KeyboardEvent, board: KeyedBoard, focused: DashboardWidget | undefined): boolean {
  if (!(event.ctrlKey || event.metaKey) || isTyping(event)) return false
  const key = event.key.toLowerCase()
  if (key === 'z') event.shiftKey ? board.redo() : board.undo()
  else if (key === 'y') board.redo()
  else if (key === 'c' && focused) clipboard = focused
  else if (key === 'x' && focused) {
    clipboard = focused
    board.removeWidget(focused.id)
  } else if (key === 'v' && clipboard) board.paste(clipboard)
  else return false
  return true
}

function isTyping(event: Event): boolean {
  const [target] = event.composedPath()
  return (
    target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
  )
}
