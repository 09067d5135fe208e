import type { DashboardConfig } from '@telltale/protocol/api'
import { beforeEach, expect, test } from 'vitest'
import { userEvent } from 'vitest/browser'
import { all, expectAccessible, find, until, usePage } from '../../testing/page.js'
import { linkOf } from './board-item.js'
import type { MetricDashboard } from './metric-dashboard.component.js'
import { applyConfig } from './widget-host.js'

const page = usePage()
const content: DashboardConfig = {
  name: 'Board',
  widgets: ['one', 'two', 'three'].map((id, i) => ({
    id,
    type: i === 2 ? 'card' : 'chart',
    position: { x: i * 4, y: 0, w: 4, h: 4 },
    config: { title: id, metric: 'latency', aggregation: 'avg' },
  })),
}

let board: MetricDashboard
const ids = () => all(board, '.item').map(({ dataset }) => dataset.id)
const area = (id: string) => find(board, `.item[data-id=${id}]`)!.style.gridArea
const position = (id: string) => board.board!.widgets.find((widget) => widget.id === id)!.position
const grip = (id: string) => find(board, `.item[data-id=${id}] .grip`)!
const spoken = () => find(board, 'p[role=status]')!.textContent

async function show(part: Partial<MetricDashboard> = {}, width = 1000): Promise<void> {
  board = page.show('metric-dashboard')
  board.parentElement!.style.cssText = `display: block; width: ${width}px`
  Object.assign(board, { content, editable: true, editing: true, ...part })
  await until(() => part.content?.widgets?.length === 0 || all(board, '.item').length >= 1)
  await until(() => !board.editing || find(board, '.toolbar .add'))
}

beforeEach(() => document.body.style.setProperty('margin', '0'))

test('no board, a board that is gone, and one that cannot be drawn say so', async () => {
  board = page.show('metric-dashboard')
  await board.updateComplete
  expect(find(board, '.state')!.textContent).toContain('No dashboard is named')
  board.dashboard = 'unknown'
  await until(() => find(board, '[part=error] .action'))
  Object.assign(board, { content: { name: 'x', widgets: [{ ...content.widgets![0], type: 'funnel' }] } })
  await until(() => find(board, '.item .state'))
  expect(find(board, '.item')!.textContent).toContain('funnel')
})

test('sets nothing that a tag does not declare', () => {
  const chart = document.createElement('metric-chart')
  applyConfig(
    chart,
    {},
    { onclick: 'alert(1)', style: 'color:red', metric: 'm', group_by: ['a', 'b'], chartType: 'area' },
  )
  expect(chart.getAttributeNames().sort()).toEqual(['group-by', 'metric', 'type'])
  applyConfig(chart, { group_by: ['a', 'b'] }, {})
  expect(chart.hasAttribute('group-by')).toBe(false)
})

test('follows links to web addresses alone', () => {
  expect(linkOf('javascript:alert(1)', {})).toBeUndefined()
  expect(linkOf('/orders?region={region}', { region: 'eu & us' })).toBe(
    `${location.origin}/orders?region=eu%20%26%20us`,
  )
})

test('an empty board offers its first widget, to those who may add one', async () => {
  await show({ content: { name: 'Empty', widgets: [] }, editing: false })
  await until(() => find(board, '.blank .action'))
  await expectAccessible(board)
  board.editable = false
  await board.updateComplete
  expect(find(board, '.blank .action')).toBeNull()
})

test('speaks the language around it, once that has come', async () => {
  await show({ editing: false })
  board.lang = 'de'
  await until(() => find(board, '.toolbar')!.textContent!.includes('Bearbeiten'))
  board.lang = 'ja'
  await until(() => find(board, '.toolbar')!.textContent!.includes('編集'))
  board.lang = 'en'
  await until(() => find(board, '.toolbar')!.textContent!.includes('Edit'))
})

test('keys move, resize, put back and remove', async () => {
  await show()
  await expectAccessible(board)
  const charts = all(board, 'metric-chart')
  grip('one').focus()
  await userEvent.keyboard(' {ArrowRight}')
  expect(area('one')).toBe('1 / 2 / span 4 / span 4')
  expect(spoken()).toContain('Row 1, column 2')
  await userEvent.keyboard('{Escape}')
  expect([position('one').x, spoken()]).toEqual([0, 'one put back.'])
  await userEvent.keyboard(' {ArrowDown}{Shift>}{ArrowRight}{/Shift} ')
  await until(() => position('one').w === 5)
  expect(board.shadowRoot!.activeElement).toBe(grip('one'))
  // Nothing was made anew on the way.
  expect(new Set(all(board, 'metric-chart'))).toEqual(new Set(charts))
  await userEvent.keyboard('{Delete}')
  await until(() => ids().length === 2)
  board.undo()
  await until(() => ids().length === 3)
})

test('the pointer moves and resizes, and Escape puts back', async () => {
  await show()
  const drag = (target: Element, dx: number, dy: number, isKept = true) => {
    const { left, top } = target.getBoundingClientRect()
    const fire = (type: string, x: number, y: number) =>
      target.dispatchEvent(new PointerEvent(type, { pointerId: 1, clientX: left + x, clientY: top + y, bubbles: true }))
    target.setPointerCapture = () => {}
    fire('pointerdown', 5, 5)
    fire('pointermove', 5 + dx, 5 + dy)
    if (isKept) fire('pointerup', 5 + dx, 5 + dy)
    else dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }))
  }
  const column = 1000 / 12
  drag(grip('one'), column * 8, 0, false)
  expect(position('one').x).toBe(0)
  drag(grip('one'), column * 8, 0)
  expect([position('one').x, position('three').x]).toEqual([8, 0])
  await board.updateComplete
  drag(find(board, '.item[data-id=two] .corner')!, 0, 2 * 66)
  expect(position('two').h).toBe(6)
  expect(ids()).toEqual(['three', 'two', 'one'])
})

test('copies, pastes, undoes and redoes', async () => {
  await show()
  let changes = 0
  board.addEventListener('dashboard-change', () => changes++)
  grip('two').focus()
  await userEvent.keyboard('{Control>}cv{/Control}')
  await until(() => ids().length === 4)
  expect(changes).toBe(1)
  await userEvent.keyboard('{Control>}z{/Control}')
  await until(() => ids().length === 3)
  await userEvent.keyboard('{Control>}{Shift>}z{/Shift}{/Control}')
  await until(() => ids().length === 4)
})

test('the editor changes the widget at once', async () => {
  await show()
  await userEvent.click(find(board, '.item[data-id=one] .act')!)
  await until(() => find(board, '.panel input'))
  await expectAccessible(board)
  await userEvent.fill(find(board, '.panel input')!, 'Renamed')
  const chart = find(board, '.item[data-id=one] metric-chart')!
  expect(chart.getAttribute('title')).toBe('Renamed')
  await userEvent.selectOptions(find(board, '.panel select')!, 'bar')
  await until(() => find(board, '.item[data-id=one] metric-bar'))
  expect(find(board, '.item[data-id=one] metric-bar')!.getAttribute('title')).toBe('Renamed')
  await userEvent.click(find(board, '.panel-head .tool')!)
  await until(() => !find(board, '.panel'))
  expect(board.shadowRoot!.activeElement).toBe(grip('one'))
})

test('the gallery adds a widget with the metric that is picked', async () => {
  await show()
  await userEvent.click(find(board, '.toolbar .add')!)
  await until(() => all(board, '.tile').length > 5)
  await userEvent.click(all(board, '.tile')[1]!)
  await until(() => ids().length === 4)
  expect(board.board!.widgets[3]).toMatchObject({ type: 'card', position: { y: 4 } })
})

test.each([
  [1000, 'c12'],
  [700, 'c6'],
  [390, 'c1'],
])('%d px wide', async (width, columns) => {
  await show({ editing: false }, width)
  await until(() => find(board, `.grid.${columns}`))
  expect(find(board, '.grid')!.scrollWidth).toBeLessThanOrEqual(width)
})

test('goes out as a picture, as files and as a definition', async () => {
  await show({ editing: false })
  await until(() => all(board, 'metric-chart').every((chart) => find(chart, 'canvas')))
  const png = await createImageBitmap(await board.export('png'))
  expect(png.width).toBeGreaterThan(1500)
  const text = async (format: 'pdf' | 'csv') => (await (await board.export(format)).text()).slice(0, 4)
  expect([await text('pdf'), (await text('csv')).slice(0, 2)]).toEqual(['%PDF', 'PK'])
  const file = JSON.parse(await (await board.export('json')).text())
  expect(file).toMatchObject({ format: 'telltale.dashboard', dashboard: { name: 'Board' } })
})
