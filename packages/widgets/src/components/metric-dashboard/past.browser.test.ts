/** Versions of a board: listed with what each changed, looked at, taken back, and taken back again. */
import type { Dashboard } from '@telltale/protocol/api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { userEvent } from 'vitest/browser'
import { all, expectAccessible, find, until, usePage } from '../../testing/page.js'
import type { MetricDashboard } from './metric-dashboard.component.js'

usePage()
const id = '2f1f5a5e-93f2-4a6c-8f60-0d5f3ab2f001'
const card = (name: string, x = 0) => ({
  ...{ id: name, type: 'card' as const, position: { x, y: 0, w: 3, h: 3 } },
  config: { metric: 'latency', title: name },
})
const base = {
  ...{ id, name: 'Board', description: '', filters: [], folder: '', tags: [], is_public: false },
  ...{ created_at: '', updated_at: '', public_link: null },
}
let versions: Dashboard[]
let isAway = false
let board: MetricDashboard
let restoreFetch: () => void

beforeEach(async () => {
  isAway = false
  versions = [
    { ...base, version: 1, widgets: [] },
    { ...base, version: 2, widgets: [card('one')] },
    { ...base, version: 3, name: 'Renamed', widgets: [card('two', 3)] },
  ]
  const { fetch } = globalThis
  restoreFetch = () => {
    globalThis.fetch = fetch
  }
  globalThis.fetch = async (url, init) => {
    const [, path] = String(url).split('/api/v1/dashboards/')
    if (path === undefined) return fetch(url, init)
    if (isAway) throw new TypeError('Failed to fetch')
    if (init?.method === 'PUT') {
      versions.push({ ...versions.at(-1)!, ...JSON.parse(String(init.body)), version: versions.length + 1 })
    }
    const [, list, version] = path.split('/')
    if (version) return Response.json(versions[Number(version) - 1])
    if (!list) return Response.json(versions.at(-1))
    const saved = versions.map((each, i) => ({
      ...{ version: each.version, name: each.name },
      saved_at: new Date(Date.UTC(2026, 0, 15, 12, i)).toISOString(),
    }))
    return Response.json({ data: saved.reverse() })
  }
  const provider = document.createElement('metric-provider')
  Object.assign(provider, { endpoint: 'http://collector.test', token: 'secret' })
  board = document.createElement('metric-dashboard')
  Object.assign(board, { dashboard: id, editable: true })
  provider.append(board)
  document.body.append(provider)
  await until(() => titles().length > 0)
})
afterEach(() => restoreFetch())

const titles = () => all(board, '.item metric-card').map((each) => each.title)
const rows = () => all(board, '.version .what').map(({ textContent }) => textContent?.trim())
const bar = () => find(board, 'div.past')
const press = (label: string) =>
  userEvent.click(all(board, 'div.past button').find(({ textContent }) => textContent?.trim() === label)!)

async function open(): Promise<void> {
  await userEvent.click(find(board, '.toolbar .more')!)
  const entry = () => all(board, '[role=menuitem]').find(({ textContent }) => textContent?.includes('Version history'))
  await until(entry)
  await userEvent.click(entry()!)
  await until(() => find(board, '.panel'))
}

test('each version says what it changed', async () => {
  await open()
  await until(() => rows().length === 3)
  expect(rows()).toEqual(['Added two · Removed one · Renamed', 'Added one', 'Made'])
  await expectAccessible(board)
})

test('an older one is shown before it is taken back, and undo takes that back in turn', async () => {
  await open()
  await until(() => rows().length === 3)
  await userEvent.click(all(board, '.version')[1]!)
  await until(() => titles().join() === 'one')
  expect(versions).toHaveLength(3)
  await expectAccessible(board)
  await press('Back to current')
  await until(() => titles().join() === 'two')
  await userEvent.click(all(board, '.version')[1]!)
  await until(() => titles().join() === 'one')
  await press('Restore')
  await until(() => versions.length === 4)
  expect(versions[3]).toMatchObject({ name: 'Board', widgets: [{ id: 'one' }] })
  await until(() => rows().length === 4 && bar()?.textContent?.includes('again as it was'))
  expect(rows()[0]).toBe('Added one · Removed two · Renamed')
  await press('Undo')
  await until(() => versions.length === 5)
  expect(versions[4]).toMatchObject({ name: 'Renamed', widgets: [{ id: 'two' }] })
  expect(titles()).toEqual(['two'])
})

test('a version that is looked at is not arranged, and closing the panel shows the board again', async () => {
  await userEvent.click(find(board, '.toggle')!)
  await until(() => find(board, '.item .grip'))
  await open()
  await until(() => rows().length === 3)
  await userEvent.click(all(board, '.version')[1]!)
  await until(() => titles().join() === 'one')
  expect(find(board, '.item .grip')).toBeNull()
  await userEvent.click(find(board, '.panel-head .tool')!)
  await until(() => titles().join() === 'two')
  expect([bar(), find(board, '.panel')]).toEqual([null, null])
})

test('a collector that is away is said, and asked again', async () => {
  isAway = true
  await open()
  await until(() => find(board, '.panel [role=alert]'))
  isAway = false
  await userEvent.click(find(board, '.panel .action')!)
  await until(() => rows().length === 3)
})
