/** What tags of values and cells say: bars, shares, gauges, cards, heat maps, tables, in English. */
import { en } from './en.js'

export const values = {
  value: 'Value',
  name: 'Name',
  share: 'Share',
  total: 'Total',
  other: 'Other',
  none: 'none',
  rows: (count: string) => `${count} rows`,
  matches: (count: string, total: string) => `${count} of ${total} rows`,
  trend: 'Trend',
  count: 'Count',
  cell: (x: string, y: string, value: string) => `${x}, ${y}: ${value}`,
  gauge: (value: string, low: string, high: string) => `${value}, between ${low} and ${high}`,
  status: 'Status',
  sinceBefore: (range: string) => `vs. previous ${range}`,
  sinceEarlier: (shift: string) => `vs. ${shift} earlier`,
  noComparison: 'no earlier data',
  unchanged: 'no change',
  bars: (title: string) => `${title}, bars. Arrow keys move between them.`,
  pie: (title: string) => `${title}, shares. Arrow keys move between them.`,
  heatmap: (title: string) => `${title}, heat map. Arrow keys move between cells.`,
}

Object.assign(en, values)
