/** What the tasks page is asked for: all of it stands in the address, so that a view can be handed on. */

export interface TasksView {
  types: string[]
  statuses: string[]
  errors: string[]
  search: string
  where: string
  range: string
  /** Compare with the same length of time so much earlier; '': not. */
  against: string
  /** An opened run, and one that it is compared with. */
  run: string
  other: string
}

export const ranges = ['5m', '15m', '1h', '6h', '24h', '7d', '30d']

export function readView(): TasksView {
  const given = new URLSearchParams(location.search)
  const text = (name: string) => given.get(name) ?? ''
  const list = (name: string) => given.getAll(name).filter((value) => value !== '')
  return {
    ...{ types: list('type'), statuses: list('status'), errors: list('error') },
    ...{ search: text('search'), where: text('where'), against: text('against') },
    ...{ run: text('run'), other: text('other') },
    range: ranges.includes(text('range')) ? text('range') : '1h',
  }
}

export function writeView(view: TasksView): void {
  const url = new URL('/tasks', location.origin)
  const { types, statuses, errors, range, ...texts } = view
  for (const [name, values] of Object.entries({ type: types, status: statuses, error: errors })) {
    for (const value of values) url.searchParams.append(name, value)
  }
  if (range !== '1h') url.searchParams.set('range', range)
  for (const [name, value] of Object.entries(texts)) if (value) url.searchParams.set(name, value)
  history.replaceState(history.state, '', url)
}

/** As the API takes conditions; `without` leaves one facet out. */
export function filtersOf(
  { types, statuses, errors, where }: TasksView,
  without = '',
): Record<string, object | string> {
  const filters: Record<string, object | string> = {}
  for (const part of where.split(',')) {
    const at = part.indexOf('=')
    if (at > 0) filters[part.slice(0, at).trim()] = part.slice(at + 1).trim()
  }
  for (const [tag, values] of [
    ['task.type', types],
    ['status', statuses],
    ['error.type', errors],
  ] as const) {
    if (values.length > 0 && tag !== without) filters[tag] = { in: values }
  }
  return filters
}
