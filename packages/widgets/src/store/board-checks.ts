/** What is wrong with a board that is written in code, said before it is sent: which widget, which field, and what it takes. */
import type { DashboardConfig, DashboardWidget } from '@telltale/protocol/api'
import { wideColumns } from '../board/document.js'
import { kindOf } from '../board/widget-kinds.js'
import { ClientError } from '../client/errors.js'
import { duration, parseAggregation } from '../components/shared/query-attributes.js'

/** Types that other versions draw; a board may hold them all the same. */
const elsewhere = new Set(['explorer', 'funnel', 'journey', 'sessions', 'alert'])
const maxWidgets = 100
const maxName = 255

/** Throws a `ClientError` with code `invalid_dashboard`. */
export function checkBoard({ name, widgets = [] }: DashboardConfig): void {
  if (!name?.trim() || name.length > maxName) refuse('name', `takes 1 to ${maxName} characters`)
  if (widgets.length > maxWidgets) refuse('widgets', `are ${widgets.length}, and at most ${maxWidgets} fit`)
  const ids = new Set<string>()
  widgets.forEach((widget, i) => {
    const where = `widgets[${i}]${widget.id ? ` "${widget.id}"` : ''}`
    if (!widget.id) refuse(`${where}.id`, 'is missing')
    if (ids.has(widget.id)) refuse(`${where}.id`, 'names another widget already')
    ids.add(widget.id)
    checkWidget(widget as DashboardWidget, where)
  })
}

function checkWidget({ type, position, config = {} }: DashboardWidget, where: string): void {
  const kind = kindOf(type)
  if (kind.tag === '' && !elsewhere.has(type)) refuse(`${where}.type`, `"${type}" is not known`)
  const { x, y, w, h } = position
  if (![x, y, w, h].every((each) => Number.isInteger(each) && each >= 0) || w < 1 || h < 1 || x + w > wideColumns) {
    refuse(`${where}.position`, `takes whole cells of a grid of ${wideColumns} columns`)
  }
  if (kind.fields.includes('metric') && !config.metric) refuse(`${where}.config.metric`, 'is missing')
  if (typeof config.aggregation === 'string')
    within(`${where}.config`, () => parseAggregation(String(config.aggregation)))
  for (const field of ['range', 'compare_to']) {
    const value = config[field]
    if (typeof value === 'string') within(`${where}.config`, () => duration(field, value))
  }
}

function within(where: string, check: () => unknown): void {
  try {
    check()
  } catch (error) {
    throw new ClientError('invalid_dashboard', `${where}: ${(error as Error).message}`, error)
  }
}

function refuse(where: string, what: string): never {
  throw new ClientError('invalid_dashboard', `${where} ${what}.`)
}
