/** Boards written in code: where their widgets come to stand, what is refused, and what is stored. */
import type { Dashboard } from '@telltale/protocol/api'
import { DashboardConfig } from '@telltale/protocol/api'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { DashboardBuilder } from './dashboard-builder.js'

const metric = 'task.execution.duration'

describe('a draft', () => {
  test('fills rows, and puts widgets exactly where they are told to be', () => {
    const { widgets } = new DashboardBuilder()
      .named('Tasks')
      .card(metric)
      .card(metric)
      .row()
      .chart(metric, { aggregation: 'p95', group_by: ['task.type'] })
      .gauge(metric, {}, { id: 'speed', w: 4 })
      .row()
      .text('# Notes', { x: 2, y: 20, w: 3, h: 2 })
      .config()
    expect(widgets!.map(({ id, position: { x, y, w, h } }) => [id, x, y, w, h])).toEqual([
      ['card-1', 0, 0, 6, 3],
      ['card-2', 6, 0, 6, 3],
      ['chart-1', 0, 3, 8, 5],
      ['speed', 8, 3, 4, 5],
      ['text-1', 2, 20, 3, 2],
    ])
    expect(widgets![2]).toMatchObject({ config: { chartType: 'line', aggregation: 'p95', metric } })
  })

  test('is what the collector takes, to the letter', () => {
    const config = new DashboardBuilder()
      .named('Orders', 'What is sold')
      .range('24h')
      .refreshEvery('30s')
      .timeZone('Europe/Berlin')
      .inFolder('shop')
      .tagged('sales')
      .filterBy('region', { label: 'Region' })
      .bar('orders')
      .pie('orders')
      .heatmap('latency', {}, { x: 6, y: 20, w: 6, h: 4 })
      .table('orders', { range: '7d' })
      .tasks()
      .config()
    expect(DashboardConfig.parse(config)).toMatchObject({
      time_range: { start: 'now-24h', end: 'now' },
      filters: [{ tag: 'region', label: 'Region', values: [], multi: true }],
    })
    expect(config.widgets).toHaveLength(5)
  })

  test.each([
    ['without a name', () => new DashboardBuilder().chart(metric), /^name takes/],
    [
      'a type that nobody knows',
      () => named().widget('sparkles' as 'chart', { metric }),
      /widgets\[0\].*type "sparkles"/,
    ],
    ['no metric', () => named().widget('chart'), /widgets\[0\] "chart-1"\.config\.metric is missing/],
    ['one id twice', () => named().card(metric, {}, { id: 'a' }).card(metric, {}, { id: 'a' }), /another widget/],
    ['off the grid', () => named().card(metric, {}, { x: 11, y: 0, w: 3 }), /widgets\[0\] "card-1"\.position/],
    [
      'an aggregation of its own',
      () => named().card(metric, { aggregation: 'p200' as 'p99' }),
      /config: aggregation="p200"/,
    ],
    ['a range that is none', () => named().chart(metric, { range: 'a while' }), /config: range="a while"/],
  ])('%s is refused by its place', (_, make, message) => {
    expect(() => make().config()).toThrow(message)
    expect(() => make().config()).toThrow(expect.objectContaining({ code: 'invalid_dashboard' }))
  })

  const named = () => new DashboardBuilder().named('Board')
})

describe('what is stored', () => {
  let board: Dashboard | undefined
  const fetchMock = vi.fn<typeof fetch>(async (url, init) => {
    if (init?.method === 'POST' || init?.method === 'PUT') {
      const sent = JSON.parse(String(init.body))
      board = { ...sent, id: '2f1f5a5e-93f2-4a6c-8f60-0d5f3ab2f001', version: (board?.version ?? 0) + 1 }
    }
    return Response.json(String(url).includes('limit=') ? { data: [], meta: { total: 0 } } : board)
  })
  beforeEach(() => vi.stubGlobal('fetch', fetchMock))
  afterEach(() => {
    board = undefined
    fetchMock.mockClear()
    vi.unstubAllGlobals()
  })

  test('a dashboard is made, and its widgets changed, added and removed', async () => {
    const builder = new DashboardBuilder({ endpoint: 'http://collector.test', token: 't' })
    const dashboard = await builder.createDashboard({
      name: 'Test Dashboard',
      widgets: [
        {
          id: 'widget-1',
          type: 'chart',
          position: { x: 0, y: 0, w: 6, h: 4 },
          config: { chartType: 'line', metric },
        },
      ],
    })
    expect(dashboard).toMatchObject({ name: 'Test Dashboard', widgets: [{ id: 'widget-1' }] })
    await builder.updateWidget('widget-1', { chartType: 'bar', metric: 'task.success.rate' })
    expect(board!.widgets[0].config).toEqual({ chartType: 'bar', metric: 'task.success.rate' })
    const added = await builder.addWidget({ type: 'card', config: { metric } })
    expect(added.id).toBe('card-1')
    await builder.removeWidget('widget-1')
    expect([board!.widgets.map(({ id }) => id), board!.version]).toEqual([['card-1'], 4])
    builder.close()
  })

  test('a draft is checked before anything is sent', async () => {
    const builder = new DashboardBuilder({ endpoint: 'http://collector.test', token: 't' }).named('Bad').widget('chart')
    await expect(builder.createDashboard()).rejects.toMatchObject({ code: 'invalid_dashboard' })
    expect(fetchMock).not.toHaveBeenCalled()
    await new DashboardBuilder({ endpoint: 'http://collector.test', token: 't' })
      .named('Good')
      .card(metric)
      .createDashboard()
    expect(board).toMatchObject({ name: 'Good', widgets: [{ type: 'card' }] })
  })
})
