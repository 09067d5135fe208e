/** A board's contents and the edits that make the next contents of them. Nothing here is changed in place. */
import type { DashboardConfig, DashboardWidget } from '@telltale/protocol/api'
import { type Cell, compact, place, type Rect, reflow, remove, spotFor } from './layout.js'
import { kindOf } from './widget-kinds.js'

/** What is edited: what is stored of a board, without what only the collector knows. */
export type BoardContent = Omit<
  DashboardConfig,
  'id' | 'version' | 'created_at' | 'updated_at' | 'public_link' | 'widgets'
> & {
  widgets: DashboardWidget[]
}

/** How many columns boards have, by their width; the widest is the one that `position` is on. */
export const wideColumns = 12
export type Columns = 12 | 6 | 1
const mediumPx = 560
const widePx = 960

export function columnsFor(widthPx: number): Columns {
  return widthPx >= widePx ? 12 : widthPx >= mediumPx ? 6 : 1
}

export function contentOf(board: DashboardConfig): BoardContent {
  const { id, version, created_at, updated_at, public_link, ...content } = board
  return { ...content, widgets: (content.widgets ?? []) as DashboardWidget[] }
}

/** Where the widgets stand on so many columns: as somebody put them there, else derived from the wide layout. */
export function layoutOf({ widgets }: BoardContent, columns: Columns): Cell[] {
  const wide = compact(widgets.map((widget) => cellOf(widget, widget.position)))
  if (columns === wideColumns) return wide
  const key = String(columns) as '6' | '1'
  const narrow = columns === 1 ? lower(widgets, wide) : wide
  if (!widgets.some(({ layouts }) => layouts?.[key])) return reflow(narrow, wideColumns, columns)
  const derived = new Map(reflow(narrow, wideColumns, columns).map((cell) => [cell.id, cell]))
  return compact(widgets.map((widget) => cellOf(widget, widget.layouts?.[key] ?? derived.get(widget.id)!)))
}

/** In one column a number needs no more height than its words: a thumb has less way to the charts. */
function lower(widgets: readonly DashboardWidget[], cells: readonly Cell[]): Cell[] {
  const types = new Map(widgets.map(({ id, type }) => [id, type]))
  return cells.map((cell) => {
    const { minH, isLowAlone } = kindOf(types.get(cell.id) ?? '')
    return isLowAlone ? { ...cell, h: Math.min(cell.h, minH) } : cell
  })
}

function cellOf({ id, type }: DashboardWidget, { x, y, w, h }: Rect): Cell {
  const { minW, minH } = kindOf(type)
  return { id, x, y, w, h, minW, minH }
}

/** The board with its widgets where the layout has them. */
export function withLayout(content: BoardContent, cells: readonly Cell[], columns: Columns): BoardContent {
  const places = new Map(cells.map(({ id, x, y, w, h }) => [id, { x, y, w, h }]))
  return {
    ...content,
    widgets: content.widgets.map((widget) => {
      const position = places.get(widget.id)
      if (!position) return widget
      return columns === wideColumns
        ? { ...widget, position }
        : { ...widget, layouts: { ...widget.layouts, [columns]: position } }
    }),
  }
}

export function movedTo(content: BoardContent, id: string, rect: Partial<Rect>, columns: Columns): BoardContent {
  return withLayout(content, place(layoutOf(content, columns), id, rect, columns), columns)
}

/** With one more widget, at the first free place or where it is told to be. */
export function withWidget(
  content: BoardContent,
  widget: Omit<DashboardWidget, 'position'> & { position?: Rect },
): BoardContent {
  const cells = layoutOf(content, wideColumns)
  const { w, h } = kindOf(widget.type)
  const position = widget.position ?? spotFor(cells, { w, h }, wideColumns)
  return { ...content, widgets: [...content.widgets, { ...widget, position }] }
}

export function withConfig(content: BoardContent, id: string, config: DashboardWidget['config']): BoardContent {
  return changed(content, id, (widget) => ({ ...widget, config }))
}

export function withType(content: BoardContent, id: string, type: DashboardWidget['type']): BoardContent {
  return changed(content, id, (widget) => ({ ...widget, type }))
}

function changed(
  content: BoardContent,
  id: string,
  change: (widget: DashboardWidget) => DashboardWidget,
): BoardContent {
  return { ...content, widgets: content.widgets.map((widget) => (widget.id === id ? change(widget) : widget)) }
}

export function withoutWidget(content: BoardContent, id: string): BoardContent {
  const cells = remove(layoutOf(content, wideColumns), id)
  const left = { ...content, widgets: content.widgets.filter((widget) => widget.id !== id) }
  return withLayout(left, cells, wideColumns)
}

/** A name that no widget of the board has. */
export function newWidgetId({ widgets }: { widgets: readonly { id: string }[] }, type: string): string {
  const taken = new Set(widgets.map(({ id }) => id))
  for (let n = 1; ; n++) {
    const id = `${type}-${n}`
    if (!taken.has(id)) return id
  }
}

/**
 * Both sides' edits of one board, where they do not touch the same thing: a widget is one thing, every other field of the
 * board another. Undefined: they do.
 */
export function merged(base: BoardContent, mine: BoardContent, theirs: BoardContent): BoardContent | undefined {
  const result: Record<string, unknown> = {}
  const fields = new Set([...Object.keys(mine), ...Object.keys(theirs)])
  for (const field of fields) {
    if (field === 'widgets') continue
    const name = field as keyof BoardContent
    const choice = chosen(base[name], mine[name], theirs[name])
    if (choice === conflict) return undefined
    result[field] = choice
  }
  const widgets = mergedWidgets(base.widgets, mine.widgets, theirs.widgets)
  return widgets && ({ ...result, widgets } as BoardContent)
}

function mergedWidgets(
  base: readonly DashboardWidget[],
  mine: readonly DashboardWidget[],
  theirs: readonly DashboardWidget[],
): DashboardWidget[] | undefined {
  const by = (widgets: readonly DashboardWidget[]) => new Map(widgets.map((widget) => [widget.id, widget]))
  const [before, ours, others] = [by(base), by(mine), by(theirs)]
  const widgets: DashboardWidget[] = []
  for (const id of new Set([...others.keys(), ...ours.keys()])) {
    const choice = chosen(before.get(id), ours.get(id), others.get(id))
    if (choice === conflict) return undefined
    if (choice) widgets.push(choice)
  }
  return widgets
}

const conflict = Symbol('conflict')

/** The side that changed it. */
function chosen<T>(base: T, mine: T, theirs: T): T | typeof conflict {
  if (isSame(mine, theirs) || isSame(base, theirs)) return mine
  return isSame(base, mine) ? theirs : conflict
}

export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  for (const key of keys) {
    if (!isSame((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key])) return false
  }
  return true
}
