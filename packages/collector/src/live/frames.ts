/**
 * Frames as bytes. What all subscribers of a feed get is the body, made once; ids and sequence numbers differ by client
 * and stand in a short head before it:
 *
 *   {"type":"metrics_update","id":"w1","seq":7,  │  "mode":"delta","data":[…]}
 *                 head, by client                │        body, shared
 */
import type { LiveState, LiveWindow } from './planner.js'

export type Encoding = 'rows' | 'columns'

/** Cells of a state, ordered by time and then by group: indexes into `groups` and `timesMs`. */
export interface CellList {
  group: number[]
  time: number[]
}

/** Every cell that is shown. */
export function allCells(state: LiveState, window: LiveWindow): CellList {
  return changedCells(undefined, state, window)
}

/** Cells whose value is not what `before` showed. */
export function changedCells(before: LiveState | undefined, state: LiveState, window: LiveWindow): CellList {
  const cells: CellList = { group: [], time: [] }
  const times = state.timesMs.length
  const timesBefore = before?.timesMs.length ?? 0
  const rowBefore = new Map(before?.groups.map((group, row) => [group, row]))
  const offsets = state.groups.map((group) => (rowBefore.get(group) ?? -1) * timesBefore)
  let at = 0
  for (let time = 0; time < times; time++) {
    while (at < timesBefore && before!.timesMs[at]! < state.timesMs[time]!) at++
    const isKnownTime = at < timesBefore && before!.timesMs[at] === state.timesMs[time]
    for (let group = 0; group < offsets.length; group++) {
      const value = state.values[group * times + time]!
      if (!window.showsGaps && Number.isNaN(value)) continue
      if (isKnownTime && offsets[group]! >= 0) {
        const valueBefore = before!.values[offsets[group]! + at]!
        if (value === valueBefore || (Number.isNaN(value) && Number.isNaN(valueBefore))) continue
      }
      cells.group.push(group)
      cells.time.push(time)
    }
  }
  return cells
}

/** `"data":[{ timestamp, value, tags }, …]` */
export function rowsData(cells: CellList, state: LiveState, window: LiveWindow): string {
  const times = state.timesMs.length
  const tags = state.groups.map((group) => JSON.stringify(window.tags(group)))
  const rows: string[] = []
  let time = -1
  let timestamp = ''
  for (let i = 0; i < cells.group.length; i++) {
    if (cells.time[i] !== time) {
      time = cells.time[i]!
      timestamp = new Date(state.timesMs[time]!).toISOString()
    }
    const group = cells.group[i]!
    const value = numberJson(state.values[group * times + time]!)
    rows.push(`{"timestamp":"${timestamp}","value":${value},"tags":${tags[group]!}}`)
  }
  return `"data":[${rows.join(',')}]`
}

/** `"groups":[…],"group":[…],"times":[…],"values":[…]`; `numbers` are the clients' numbers of the state's groups. */
export function columnsData(
  cells: CellList,
  state: LiveState,
  window: LiveWindow,
  newGroups: readonly number[],
  numbers: ReadonlyMap<number, number>,
): string {
  const times = state.timesMs.length
  const tags = newGroups.map((group) => JSON.stringify(window.tags(group)))
  const group = cells.group.map((row) => numbers.get(state.groups[row]!)!)
  const time = cells.time.map((index) => state.timesMs[index]!)
  const values = cells.group.map((row, i) => numberJson(state.values[row * times + cells.time[i]!]!))
  return `"groups":[${tags.join(',')}],"group":[${group.join(',')}],"times":[${time.join(',')}],"values":[${values.join(',')}]`
}

export function frameHead(type: 'metrics_update' | 'channel_update', id: string): string {
  return `{"type":"${type}","id":${JSON.stringify(id)},"seq":`
}

export function errorFrame(code: string, message: string, id?: string): string {
  // JSON leaves out an id that is undefined.
  return JSON.stringify({ type: 'error', id, error: { code, message } })
}

/** JSON has neither NaN nor infinity. */
function numberJson(value: number): string {
  return Number.isFinite(value) ? String(value) : 'null'
}
