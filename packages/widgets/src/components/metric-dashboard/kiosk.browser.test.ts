/** A board as a kiosk, and boards that take turns. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { userEvent } from 'vitest/browser'
import { all, expectAccessible, find, until, usePage } from '../../testing/page.js'
import type { MetricDashboard } from './metric-dashboard.component.js'

usePage()
const boards = new Map(
  ['one', 'two'].map((name, i) => [
    `2f1f5a5e-93f2-4a6c-8f60-0d5f3ab2f00${i}`,
    {
      ...{ version: 1, name, description: '', filters: [], folder: '', tags: [], is_public: false },
      ...{ created_at: '', updated_at: '', public_link: null },
      widgets: [{ id: name, type: 'card', position: { x: 0, y: 0, w: 3, h: 3 }, config: { metric: 'latency' } }],
    },
  ]),
)
const [one, two] = [...boards.keys()] as [string, string]
let board: MetricDashboard
let restoreFetch: () => void

beforeEach(() => {
  const { fetch } = globalThis
  restoreFetch = () => {
    globalThis.fetch = fetch
  }
  globalThis.fetch = async (url, init) => {
    const [, id] = String(url).split('/api/v1/dashboards/')
    if (id === undefined) return fetch(url, init)
    const found = boards.get(id)
    return found
      ? Response.json({ id, ...found })
      : Response.json({ error: { code: 'not_found', message: 'No board.' } }, { status: 404 })
  }
})
afterEach(() => restoreFetch())

async function show(attributes: Record<string, string>): Promise<void> {
  const provider = document.createElement('metric-provider')
  Object.assign(provider, { endpoint: 'http://collector.test', token: 'secret' })
  board = document.createElement('metric-dashboard')
  for (const [name, value] of Object.entries(attributes)) board.setAttribute(name, value)
  provider.append(board)
  document.body.append(provider)
  await until(() => find(board, '.item'))
}

const shown = () => find(board, '.grid')?.getAttribute('aria-label')

test('boards take turns: what is gone is passed over, keys turn too, and the pager says where', async () => {
  await show({ cycle: `${one}, gone, ${two}`, kiosk: '', 'cycle-seconds': '3600' })
  expect([shown(), find(board, '.toolbar'), all(board, '.pager i').length]).toEqual(['one', null, 3])
  await expectAccessible(board)
  board.dispatchEvent(new KeyboardEvent('keydown', { key: 'PageDown' }))
  await until(() => shown() === 'two' && find(board, '.item[data-id=two]'))
  expect(find(board, '.pager')!.textContent!.replace(/\s+/g, ' ').trim()).toBe('two 3 / 3')
  board.dispatchEvent(new KeyboardEvent('keydown', { key: 'PageUp' }))
  await until(() => shown() === 'one')
})

test('its reader makes it a kiosk, and Escape ends that; a kiosk of the page stays one', async () => {
  await show({ dashboard: one })
  board.requestFullscreen = async () => {
    throw new TypeError('not allowed here')
  }
  await userEvent.click(find(board, '.toolbar .more')!)
  const item = () => all(board, '[role=menuitem]').find(({ textContent }) => textContent?.includes('Kiosk mode'))
  await until(item)
  await userEvent.click(item()!)
  await until(() => board.kiosk && !find(board, '.toolbar'))
  await userEvent.keyboard('{Escape}')
  await until(() => !board.kiosk && find(board, '.toolbar'))
  board.kiosk = true
  await userEvent.keyboard('{Escape}')
  await board.updateComplete
  expect(board.kiosk).toBe(true)
})
