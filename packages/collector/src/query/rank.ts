/** Ranks groups by their values, for `order` and `limit`. */

/** Rows that have a value, best first; equal ones keep their order. */
export function rankRows(values: Float64Array, order: 'asc' | 'desc', limit: number | undefined): number[] {
  const sign = order === 'asc' ? 1 : -1
  const rows: number[] = []
  for (let row = 0; row < values.length; row++) if (!Number.isNaN(values[row]!)) rows.push(row)
  rows.sort((a, b) => sign * (values[a]! - values[b]!) || a - b)
  return limit === undefined ? rows : rows.slice(0, limit)
}
