/** One value a group → what bars and pies draw: sorted, the first few kept, the rest folded into one, stacked where asked. */
import type { Tags } from '@telltale/protocol/api'
import { assignColors } from './palette.js'

export interface GroupValue {
  key: string
  label: string
  tags: Tags
  value: number
}

export interface Category extends GroupValue {
  /** Index into the palette; −1: no colour of its own. */
  color: number
  /** The rest, folded: its tags are empty. */
  isRest: boolean
}

export type CategorySort = 'value' | 'name' | 'none'

export interface CategoryOptions {
  sort: CategorySort
  order: 'asc' | 'desc'
  /** Keep this many; 0: all. */
  limit: number
  /** What the rest is called; undefined: it is left out. */
  restLabel: string | undefined
}

export interface Categories {
  shown: Category[]
  /** Groups that are not shown by themselves. */
  hiddenCount: number
  total: number
}

/** The newest value of each group; groups without one are left out. */
export function groupValues(groups: readonly Tags[], columns: readonly Float64Array[], missing: string): GroupValue[] {
  const values: GroupValue[] = []
  for (let i = 0; i < groups.length; i++) {
    const column = columns[i]
    const value = column?.[column.length - 1]
    if (value === undefined || Number.isNaN(value)) continue
    const label = Object.values(groups[i])
      .map((tag) => tag ?? missing)
      .join(' · ')
    values.push({ key: JSON.stringify(groups[i]), label, tags: groups[i], value })
  }
  return values
}

export function rankCategories(values: readonly GroupValue[], options: CategoryOptions): Categories {
  const { sort, order, limit, restLabel } = options
  const byValue = [...values].sort((a, b) => b.value - a.value || compareLabels(a, b))
  const kept = limit > 0 ? byValue.slice(0, limit) : byValue
  const rest = byValue.slice(kept.length)
  const sign = order === 'asc' ? -1 : 1
  if (sort === 'name') kept.sort((a, b) => sign * compareLabels(a, b))
  else if (sort === 'value') kept.sort((a, b) => sign * (b.value - a.value) || compareLabels(a, b))
  const colors = assignColors(kept.map(({ label }) => label))
  const shown: Category[] = kept.map((each, i) => ({ ...each, color: colors[i], isRest: false }))
  if (restLabel !== undefined && rest.length > 0) {
    const value = rest.reduce((sum, each) => sum + each.value, 0)
    shown.push({ key: 'rest', label: restLabel, tags: {}, value, color: -1, isRest: true })
  }
  return {
    shown,
    hiddenCount: restLabel === undefined ? rest.length : 0,
    total: values.reduce((sum, each) => sum + each.value, 0),
  }
}

/** A bar of several parts, each of them a layer that has the same colour in every bar. */
export interface Stack {
  category: Category
  parts: { layer: Layer; value: number; tags: Tags }[]
}

export interface Layer {
  key: string
  label: string
  color: number
}

/** The first tag makes the bars, the others the layers; `hidden` names layers that are listed and not stacked. */
export function stackCategories(
  values: readonly GroupValue[],
  options: CategoryOptions,
  missing: string,
  hidden: ReadonlySet<string> = new Set(),
): { stacks: Stack[]; layers: Layer[]; hiddenCount: number } {
  const bars = new Map<string, GroupValue & { parts: Map<string, { value: number; tags: Tags }> }>()
  const layerLabels = new Set<string>()
  for (const { tags, value } of values) {
    const [[name, first], ...others] = Object.entries(tags)
    const key = JSON.stringify({ [name]: first })
    const layer = others.map(([, tag]) => tag ?? missing).join(' · ')
    layerLabels.add(layer)
    if (hidden.has(layer)) continue
    let bar = bars.get(key)
    if (!bar) {
      bar = { key, label: first ?? missing, tags: { [name]: first }, value: 0, parts: new Map() }
      bars.set(key, bar)
    }
    bar.value += value
    bar.parts.set(layer, { value, tags })
  }
  const labels = [...layerLabels].sort((a, b) => a.localeCompare(b, undefined, { numeric: true }))
  const colors = assignColors(labels)
  const layers = labels.map((label, i) => ({ key: label, label, color: colors[i] }))
  const { shown, hiddenCount } = rankCategories([...bars.values()], options)
  const known = new Set(shown.map(({ key }) => key))
  const rest = [...bars.values()].filter(({ key }) => !known.has(key))
  const stacks = shown.map((category) => ({
    category,
    parts: layers.flatMap((layer) => {
      const part = category.isRest ? sumParts(rest, layer.key) : bars.get(category.key)!.parts.get(layer.key)
      return part ? [{ layer, ...part }] : []
    }),
  }))
  return { stacks, layers, hiddenCount }
}

function sumParts(
  bars: readonly { parts: Map<string, { value: number; tags: Tags }> }[],
  layer: string,
): { value: number; tags: Tags } | undefined {
  const found = bars.flatMap(({ parts }) => parts.get(layer) ?? [])
  return found.length > 0 ? { value: found.reduce((sum, part) => sum + part.value, 0), tags: {} } : undefined
}

function compareLabels(a: GroupValue, b: GroupValue): number {
  return a.label.localeCompare(b.label, undefined, { numeric: true })
}
