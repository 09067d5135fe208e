/** Every sentence that most tags say, in English. Other languages have the same names. */
import { formatClock } from '../format/time.js'
import type { explore } from './en-explore.js'
import type { exporting } from './en-export.js'
import type { pick } from './en-pick.js'
import type { tasks } from './en-tasks.js'
import type { values } from './en-values.js'

const own = {
  loading: 'Loading',
  retry: 'Try again',
  resetZoom: 'Reset zoom',
  showTable: 'Show as table',
  showChart: 'Show as chart',
  time: 'Time',
  by: (tags: string) => `by ${tags}`,
  seriesCount: (count: number) => `${count} series.`,
  andMore: (count: number) => `And ${count} more.`,
  seriesSummary: (label: string, latest: string, lowest: string, highest: string) =>
    `${label}: latest ${latest}, lowest ${lowest}, highest ${highest}.`,
  noValue: 'no value',
  emptyTitle: (range: string) => `Nothing in the last ${range}`,
  emptyMetric: (metric: string) => `No data for ${metric} yet. Send some with the SDK:`,
  noMetric: 'This chart has no metric. Name one in its metric attribute.',
  noRowMatches: (search: string) => `Nothing here contains “${search}”.`,
  errorTitle: 'This can’t be shown right now',
  /** By code; the collector's own message where a code is not here. */
  errors: {} as Record<string, string>,
  retryIn: (seconds: number) => (seconds > 0 ? `Trying again in ${seconds} s.` : 'Trying again …'),
  stale: (retrySeconds: number | undefined, sinceMs: number) =>
    `No connection, ${retrySeconds === undefined ? 'reconnecting' : `retrying in ${retrySeconds} s`} – showing data of ${formatClock(sinceMs)}`,
  chart: (title: string) => `${title}, chart. Arrow keys move between points.`,
  menu: (title: string) => `More for ${title}`,
  exportAs: { png: 'Save as PNG', pdf: 'Save as PDF', csv: 'Save as CSV', json: 'Save as JSON' },
  search: 'Search',
  legendHint: 'Click to hide or show, double-click to show alone',
  searchSeries: 'Search series',
  earlier: (span: string) => `${span} earlier`,
  emptyWindow: 'Nothing in this window',
}

/** With those of single tags, which come with these tags: see `en-*.ts`. */
export type Messages = typeof own & typeof values & typeof pick & typeof explore & typeof tasks & typeof exporting

export const en = own as Messages
