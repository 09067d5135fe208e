/** The store against a collector of dashboards that checks versions, and a stream that is driven by hand. */
import type { Dashboard } from '@telltale/protocol/api'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createAnalyticsStore as createLate } from '../script/late-store.js'
import { FakeCollector } from '../testing/fake-collector.js'
import { type AnalyticsStore, createAnalyticsStore } from './analytics-store.js'

const id = '2f1f5a5e-93f2-4a6c-8f60-0d5f3ab2f001'
let collector: FakeCollector
let uninstall: () => void
let store: AnalyticsStore
let board: Dashboard

describe.each([
  ['at once', createAnalyticsStore],
  ['of the script, whose code comes late', createLate],
])('the store %s', (_, create) => {
  beforeEach(() => {
    collector = new FakeCollector()
    collector.metrics.set('latency', { groups: [{ type: 'a' }], stepMs: 5_000, unit: 'ms', signal: () => 120 })
    uninstall = collector.install()
    board = {
      ...{ id, version: 3, name: 'Board', description: '', folder: '', tags: [], is_public: false, filters: [] },
      ...{ created_at: '', updated_at: '', public_link: null },
      widgets: [
        {
          id: 'c1',
          type: 'card',
          position: { x: 0, y: 0, w: 3, h: 3 },
          config: { metric: 'latency', title: 'Latency' },
        },
      ],
    }
    const { fetch } = globalThis
    globalThis.fetch = async (url, init) => {
      const { pathname } = new URL(String(url))
      if (!pathname.startsWith('/api/v1/dashboards')) return fetch(url, init)
      const version = new Headers(init?.headers).get('if-match')
      if (init?.method === 'PUT' && version !== `"${board.version}"`) {
        const error = {
          code: 'precondition_failed',
          message: 'Another version is stored.',
          details: { current: board },
        }
        return Response.json({ error }, { status: 412 })
      }
      if (init?.method === 'PUT' || init?.method === 'POST') {
        board = { ...board, ...JSON.parse(String(init.body)), id, version: board.version + 1 }
      }
      return Response.json(
        pathname.endsWith(id) || init?.method === 'POST' ? board : { data: [board], meta: { total: 1 } },
      )
    }
    store = create({ endpoint: 'http://collector.test', token: 'secret' })
  })
  afterEach(() => {
    store.close()
    uninstall()
  })

  test('a dashboard is loaded, and told to who subscribes', async () => {
    const seen: (string | null)[] = []
    const stop = store.currentDashboard.subscribe((each) => seen.push(each?.name ?? null))
    await store.loadDashboard(id)
    stop()
    await store.createDashboard({ name: 'New' })
    expect(seen).toEqual([null, 'Board'])
    expect(store.currentDashboard.get()).toMatchObject({ name: 'New', version: 4 })
    expect(store.dashboards.get()).toHaveLength(1)
  })

  test('widgets are added, changed and removed, each saved with its version', async () => {
    await store.loadDashboard(id)
    const added = await store.addWidget({ type: 'gauge', config: { metric: 'latency' } })
    expect(added).toMatchObject({ id: 'gauge-1', position: { x: expect.any(Number), w: expect.any(Number) } })
    await store.updateWidget('c1', { unit: 's' })
    expect(board.widgets[0].config).toEqual({ metric: 'latency', title: 'Latency', unit: 's' })
    await store.removeWidget('c1')
    expect(board.widgets.map((widget) => widget.id)).toEqual(['gauge-1'])
    expect(board.version).toBe(6)
    await expect(store.removeWidget('c1')).rejects.toMatchObject({ code: 'unknown_widget' })
  })

  test('what somebody else saved meanwhile stays, and the edit is made on it', async () => {
    await store.loadDashboard(id)
    board = { ...board, version: 9, name: 'Theirs' }
    await store.updateWidget('c1', { unit: 's' })
    expect(board).toMatchObject({ name: 'Theirs', version: 10 })
    expect(board.widgets[0].config.unit).toBe('s')
  })

  test('live data of the widgets, until it is ended', async () => {
    await store.loadDashboard(id)
    const stop = store.subscribeToRealTimeUpdates(['c1'])
    await expect.poll(() => store.metrics.get().c1?.series[0]?.values[0]).toBe(120)
    expect(store.metrics.get().c1).toMatchObject({ unit: 'ms', series: [{ tags: { type: 'a' } }], error: undefined })
    await store.updateWidget('c1', { metric: 'gone' })
    await expect.poll(() => store.metrics.get().c1?.error?.code).toBe('unknown_metric')
    stop()
    expect(store.metrics.get()).toEqual({})
  })

  test('without a current dashboard every action says so', async () => {
    await expect(store.addWidget({ type: 'card' })).rejects.toMatchObject({ code: 'no_dashboard' })
    expect(() => store.subscribeToRealTimeUpdates()).toThrow(/loadDashboard/)
  })
})
