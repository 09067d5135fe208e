/** What a board's menu offers besides its files. */
import type { MenuItem } from '../shared/menu.js'
import { boardMessages } from './board-messages.js'

export interface BoardMenu {
  /** By the collector: only such a board has a past, and annotations that are kept. */
  isStored: boolean
  editable: boolean
  annotations: boolean
  openPast(): void
  toggleNotes(): void
  annotate(): void
  fullScreen(): void
  kiosk(): void
}

export function boardMenu(board: BoardMenu): MenuItem[] {
  const text = boardMessages()
  const { isStored, editable, annotations } = board
  const items: (MenuItem | false)[] = [
    isStored && editable && { label: text.history, icon: 'clock', run: board.openPast },
    isStored && { label: annotations ? text.hideNotes : text.showNotes, icon: 'chart', run: board.toggleNotes },
    isStored && editable && { label: text.notes.title, icon: 'plus', run: board.annotate },
    document.fullscreenEnabled && { label: text.fullScreen, run: board.fullScreen },
    { label: text.kiosk, run: board.kiosk },
  ]
  return items.filter((item) => item !== false)
}
