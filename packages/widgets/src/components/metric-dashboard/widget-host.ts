/** Keeps one element for each widget of a board: made once, told what changes, never made anew by a move. */
import type { DashboardWidget } from '@telltale/protocol/api'
import type { LitElement } from 'lit'
import { isSame } from '../../board/document.js'
import { kindOf } from '../../board/widget-kinds.js'

interface Hosted {
  element: HTMLElement
  tag: string
  config: DashboardWidget['config']
  groupName: string
  isAnnotated: boolean
}

export interface HostGroups {
  /** Tags of this group follow the board's range. */
  moving: string
  /** Those of this one follow all but the range: their widget has one of its own. */
  fixed: string
}

export class WidgetHost {
  readonly #hosted = new Map<string, Hosted>()
  readonly #groups: HostGroups
  /** Charts show the annotations that the collector keeps; one whose config says otherwise does as it says. */
  isAnnotated = false

  constructor(groups: HostGroups) {
    this.#groups = groups
  }

  /** The widget's element, as its config says. */
  element(widget: DashboardWidget): HTMLElement {
    const { tag } = kindOf(widget.type)
    let hosted = this.#hosted.get(widget.id)
    if (!hosted || hosted.tag !== tag) {
      hosted = {
        element: document.createElement(tag || 'board-unknown'),
        tag,
        config: {},
        groupName: '',
        isAnnotated: false,
      }
      this.#hosted.set(widget.id, hosted)
      hosted.element.setAttribute('part', 'widget')
      applyConfig(hosted.element, {}, widget.config)
    } else if (!isSame(hosted.config, widget.config)) {
      applyConfig(hosted.element, hosted.config, widget.config)
    }
    hosted.config = widget.config
    const groupName = widget.config.range === undefined ? this.#groups.moving : this.#groups.fixed
    if (hosted.groupName !== groupName) hosted.element.setAttribute('group', groupName)
    hosted.groupName = groupName
    const isAnnotated = this.isAnnotated && tag === 'metric-chart' && widget.config.annotations === undefined
    if (hosted.isAnnotated !== isAnnotated) hosted.element.toggleAttribute('annotations', isAnnotated)
    hosted.isAnnotated = isAnnotated
    return hosted.element
  }

  /** Elements of the board in the order of the widgets. */
  elements(widgets: readonly DashboardWidget[]): HTMLElement[] {
    return widgets.map((widget) => this.element(widget))
  }

  /** Lets go of what is not on the board any more. */
  keep(widgets: readonly DashboardWidget[]): void {
    const ids = new Set(widgets.map(({ id }) => id))
    for (const id of this.#hosted.keys()) if (!ids.has(id)) this.#hosted.delete(id)
  }
}

/**
 * Sets what the config names and the tag declares, and nothing else: boards come from elsewhere, and a config that could set
 * any attribute could set `onclick`.
 */
export function applyConfig(
  element: HTMLElement,
  before: DashboardWidget['config'],
  after: DashboardWidget['config'],
): void {
  const { observedAttributes = [], elementProperties } = element.constructor as typeof LitElement
  const known = new Set(observedAttributes)
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  for (const name of names) {
    const value: unknown = after[name]
    const attribute = attributeOf(name)
    if (isSame(before[name], value)) continue
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
      setObject(element, elementProperties, attribute, known, value)
    } else if (known.has(attribute)) {
      setAttribute(element, attribute, value)
    }
  }
}

/** Objects go in as properties where the tag takes them, else as JSON. */
function setObject(
  element: HTMLElement,
  properties: Map<PropertyKey, unknown> | undefined,
  attribute: string,
  known: ReadonlySet<string>,
  value: object,
): void {
  const property = attribute.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  if (attribute === 'filters' && properties?.has(property)) Object.assign(element, { [property]: value })
  else if (known.has(attribute)) element.setAttribute(attribute, JSON.stringify(value))
}

function setAttribute(element: HTMLElement, attribute: string, value: unknown): void {
  if (value === undefined || value === null || value === false || value === '') {
    element.removeAttribute(attribute)
    if (attribute === 'filters') Object.assign(element, { filters: '' })
  } else {
    element.setAttribute(attribute, value === true ? '' : Array.isArray(value) ? value.join(',') : String(value))
  }
}

/** `chartType` is the tag's `type`; the others are spelled `group_by`, `groupBy` or `group-by`. */
function attributeOf(name: string): string {
  if (name === 'chartType' || name === 'chart_type') return 'type'
  if (name === 'metric_name') return 'metric'
  return name.replaceAll('_', '-').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
