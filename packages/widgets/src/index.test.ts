import { expect, test } from 'vitest'

test('importing on a server does nothing but define classes', async () => {
  expect(globalThis.window).toBeUndefined()
  const widgets = await import('./index.js')
  expect(Object.keys(widgets).sort()).toEqual([
    'DashboardBuilder',
    'MetricBar',
    'MetricCard',
    'MetricChart',
    'MetricDashboard',
    'MetricExplorer',
    'MetricGauge',
    'MetricHeatmap',
    'MetricPie',
    'MetricProvider',
    'MetricSeries',
    'MetricTable',
    'RangePicker',
    'RefreshPicker',
    'TagFilter',
    'TaskTable',
    'addMessages',
    'configure',
    'createAnalyticsStore',
  ])
})
