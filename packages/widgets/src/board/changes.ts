/** What differs between two versions of a board, for the list of its versions. */
import type { DashboardWidget } from '@telltale/protocol/api'
import { type BoardContent, isSame } from './document.js'

export interface BoardChanges {
  added: DashboardWidget[]
  removed: DashboardWidget[]
  /** Those that show something else now; not those that only stand elsewhere. */
  changed: DashboardWidget[]
  isMoved: boolean
  isRenamed: boolean
  /** Range, filters, refresh, or anything else that is the board's own. */
  isSet: boolean
}

export function changesBetween(before: BoardContent, after: BoardContent): BoardChanges {
  const [old, now] = [before, after].map(({ widgets }) => new Map(widgets.map((widget) => [widget.id, widget])))
  const kept = after.widgets.filter(({ id }) => old.has(id))
  const differs = ({ id, type, config }: DashboardWidget) =>
    type !== old.get(id)!.type || !isSame(config, old.get(id)!.config)
  const moved = ({ id, position, layouts }: DashboardWidget) =>
    !isSame(position, old.get(id)!.position) || !isSame(layouts, old.get(id)!.layouts)
  return {
    added: after.widgets.filter(({ id }) => !old.has(id)),
    removed: before.widgets.filter(({ id }) => !now.has(id)),
    changed: kept.filter(differs),
    isMoved: kept.some(moved),
    isRenamed: before.name !== after.name,
    isSet: !isSame(ownOf(before), ownOf(after)),
  }
}

function ownOf({ name, widgets, ...own }: BoardContent): object {
  return own
}
