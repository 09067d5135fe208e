/** Annotations of a board: shown by its charts, made at a moment that is picked in one, and removed. */
import type { Annotation, AnnotationInput } from '@telltale/protocol/api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { userEvent } from 'vitest/browser'
import { all, expectAccessible, find, until, usePage } from '../../testing/page.js'
import type { MetricDashboard } from './metric-dashboard.component.js'

usePage()
const id = '2f1f5a5e-93f2-4a6c-8f60-0d5f3ab2f002'
const stored = {
  ...{ id, version: 1, name: 'Board', description: '', filters: [], folder: '', tags: [], is_public: false },
  ...{ created_at: '', updated_at: '', public_link: null },
  widgets: ['one', 'two'].map((name, i) => ({
    ...{ id: name, type: 'chart', position: { x: i * 6, y: 0, w: 6, h: 4 } },
    config: { metric: 'latency', title: name, ...(i === 1 ? { annotations: false } : {}) },
  })),
}
let notes: Annotation[]
let asked: string[]
let board: MetricDashboard
let restoreFetch: () => void

beforeEach(async () => {
  notes = []
  asked = []
  const { fetch } = globalThis
  restoreFetch = () => {
    globalThis.fetch = fetch
  }
  globalThis.fetch = async (url, init) => {
    const { pathname } = new URL(String(url))
    if (pathname.startsWith('/api/v1/dashboards')) return Response.json(stored)
    if (!pathname.startsWith('/api/v1/annotations')) return fetch(url, init)
    asked.push(init?.method ?? 'GET')
    if (init?.method === 'POST') {
      const { time, end, ...input } = JSON.parse(String(init.body)) as AnnotationInput & {
        time: number
        end: number | null
      }
      if (input.title === 'refused') {
        return Response.json({ error: { code: 'invalid_request', message: 'end must be after time' } }, { status: 400 })
      }
      const iso = (timeMs: number) => new Date(timeMs).toISOString()
      const made = { ...input, id: String(notes.length), time: iso(time), end: end === null ? null : iso(end) }
      notes.unshift(made as unknown as Annotation)
      return Response.json(made, { status: 201 })
    }
    if (init?.method === 'DELETE') {
      notes = notes.filter((note) => !pathname.endsWith(`/${note.id}`))
      return new Response(null, { status: 204 })
    }
    return Response.json({ data: notes, truncated: false })
  }
  const provider = document.createElement('metric-provider')
  Object.assign(provider, { endpoint: 'http://collector.test', token: 'secret' })
  board = document.createElement('metric-dashboard')
  Object.assign(board, { dashboard: id, editable: true })
  provider.append(board)
  document.body.append(provider)
  await until(() => all(board, '.item metric-chart').length === 2)
})
afterEach(() => restoreFetch())

const chart = () => find(board, '.item metric-chart')!
const field = (i: number) => all(board, '.panel .form input')[i] as HTMLInputElement
const listed = () => all(board, '.notes strong').map(({ textContent }) => textContent)

async function choose(label: string): Promise<void> {
  const item = () => all(board, '[role=menuitem]').find(({ textContent }) => textContent?.includes(label))
  await userEvent.click(find(board, '.toolbar .more')!)
  await until(item)
  await userEvent.click(item()!)
}

test('charts show annotations while the board does, but for those that say otherwise', async () => {
  await choose('Show annotations')
  await until(() => chart().hasAttribute('annotations'))
  expect(all(board, 'metric-chart')[1]!.hasAttribute('annotations')).toBe(false)
  await choose('Hide annotations')
  await until(() => !chart().hasAttribute('annotations'))
})

test('one is made at the moment that is picked in a chart, drawn at once, and removed', async () => {
  await until(() => find(chart(), 'canvas'))
  await choose('Annotate')
  await until(() => find(board, '.panel form'))
  await expectAccessible(board)
  const time = '2026-01-15T12:00:07.000Z'
  const select = { point: { timestamp: time, value: 1 }, series: { tags: {} } }
  chart().dispatchEvent(new CustomEvent('metric-select', { detail: select, bubbles: true, composed: true }))
  await until(() => new Date(field(0).value).toISOString() === time)
  await userEvent.fill(field(2), 'Deploy 1.4')
  await userEvent.fill(field(3), 'region=eu')
  const before = asked.filter((method) => method === 'GET').length
  await userEvent.click(find(board, '.panel .save')!)
  await until(() => listed().join() === 'Deploy 1.4')
  expect(notes[0]).toMatchObject({ time, end: null, severity: 'info', tags: { region: 'eu' } })
  // The list, and the chart, which does not wait for its next round.
  await until(() => asked.filter((method) => method === 'GET').length >= before + 2)
  await userEvent.click(find(board, '.notes .tool')!)
  await until(() => listed().length === 0)
  expect(notes).toEqual([])
})

test('a span that is dragged over is picked and not zoomed into; what is refused is said', async () => {
  await until(() => find(chart(), 'canvas'))
  await choose('Annotate')
  await until(() => find(board, '.panel form'))
  const detail = { start: '2026-01-15T12:00:00.000Z', end: '2026-01-15T12:10:00.000Z' }
  chart().dispatchEvent(new CustomEvent('metric-zoom', { detail, bubbles: true, composed: true }))
  await until(() => field(1).value !== '')
  await userEvent.fill(field(2), 'refused')
  await userEvent.keyboard('{Enter}')
  await until(() => find(board, '.panel [role=alert]'))
  expect(find(board, '.panel [role=alert]')!.textContent).toBe('end must be after time')
  await userEvent.fill(field(2), 'Outage')
  await userEvent.keyboard('{Enter}')
  await until(() => notes.length === 1)
  expect(notes[0]).toMatchObject({ time: detail.start, end: detail.end, title: 'Outage' })
})
