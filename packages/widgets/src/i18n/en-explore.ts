/** What the explorer says, in English. */
import { en } from './en.js'

export const explore = {
  explore: {
    title: 'Explore',
    metric: 'Metric',
    aggregation: 'Aggregation',
    groupBy: 'Split by',
    filters: 'Filters',
    range: 'Range',
    type: 'Shown as',
    pickMetric: 'Pick a metric to see it',
    noMetrics: 'No metric has been received yet. Send one with the SDK:',
    noMatches: 'No metric matches.',
    copy: 'Copy',
    copied: 'Copied',
    copyFailed: 'Copying is not allowed here; select the text instead.',
    tag: 'The tag to paste',
    addFilter: 'Add filter',
    removeFilter: (name: string) => `Remove filter ${name}`,
    series: (count: string) => `${count} series`,
    lastSeen: (ago: string) => `last seen ${ago}`,
    types: {
      line: 'Lines',
      area: 'Area',
      bar: 'Bars',
      stacked: 'Stacked',
      scatter: 'Points',
      ranking: 'Ranking',
      pie: 'Shares',
      heatmap: 'Heat map',
      table: 'Table',
      gauge: 'Gauge',
      card: 'Card',
    },
  },
}

Object.assign(en, explore)
