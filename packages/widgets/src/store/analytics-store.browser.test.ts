/** Files of a dashboard that no tag shows: it is drawn out of sight, and leaves nothing behind. */
import { expect, test } from 'vitest'
import { usePage } from '../testing/page.js'
import { createAnalyticsStore } from './analytics-store.js'

const page = usePage()
const board = {
  ...{ id: '2f1f5a5e-93f2-4a6c-8f60-0d5f3ab2f001', version: 1, name: 'Board', description: '', filters: [] },
  ...{ folder: '', tags: [], is_public: false, created_at: '', updated_at: '', public_link: null },
  widgets: [
    { id: 'a', type: 'card', position: { x: 0, y: 0, w: 4, h: 3 }, config: { metric: 'latency' } },
    { id: 'b', type: 'chart', position: { x: 4, y: 0, w: 8, h: 5 }, config: { metric: 'latency', range: '15m' } },
  ],
}

test('PNG and PDF of the current dashboard', async () => {
  expect(page.collector.up).toBe(true)
  const { fetch } = globalThis
  globalThis.fetch = async (url, init) =>
    String(url).includes('/api/v1/dashboards') ? Response.json(board) : fetch(url, init)
  const store = createAnalyticsStore({ endpoint: 'http://collector.test', token: 'secret' })
  try {
    await store.loadDashboard(board.id)
    const image = await createImageBitmap(await store.exportDashboard('png'))
    expect(image.width).toBeGreaterThan(2000)
    expect((await (await store.exportDashboard('pdf')).text()).slice(0, 8)).toBe('%PDF-1.7')
    expect(document.querySelector('metric-dashboard')).toBeNull()
  } finally {
    store.close()
    globalThis.fetch = fetch
  }
})
