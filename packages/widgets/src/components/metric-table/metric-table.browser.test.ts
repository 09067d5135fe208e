import { beforeEach, expect, test } from 'vitest'
import { userEvent } from 'vitest/browser'
import { all, expectAccessible, find, text, until, usePage } from '../../testing/page.js'
import type { SelectDetail } from '../metric-chart/interaction.js'
import type { TableData } from './table-data.js'

const page = usePage()
beforeEach(() => {
  page.collector.metrics.set('runs', {
    groups: ['email', 'report', 'image'].map((type) => ({ 'task.type': type })),
    stepMs: 60_000,
    unit: 'ms',
    signal: (_, g) => [40, 1500, 300][g],
  })
})
const show = (attributes: Record<string, string> = {}) =>
  page.show('metric-table', {
    metric: 'runs',
    'group-by': 'task.type',
    aggregations: 'avg,p95',
    title: 'Runs',
    ...attributes,
  })
const names = (element: Element) => all(element, '.name').map((name) => name.textContent)

test('a row a group, a column an aggregation, sorted by the first, with sparklines', async () => {
  const table = show({ trend: '' })
  await until(() => names(table).length === 3)
  expect(names(table)).toEqual(['report', 'image', 'email'])
  expect(all(table, 'tbody tr[aria-rowindex="2"] td').map((cell) => cell.textContent!.trim())).toEqual([
    'report',
    '1.5\u202fs',
    '1.5\u202fs',
    '',
  ])
  expect(all(table, 'td .spark path')).toHaveLength(3)
  await expectAccessible(table)
})

test('headers sort both ways and say so', async () => {
  const table = show()
  await until(() => names(table).length === 3)
  await userEvent.click(all(table, 'th button')[0])
  await until(() => names(table)[0] === 'email')
  expect(all(table, 'th')[0].getAttribute('aria-sort')).toBe('ascending')
  await userEvent.click(all(table, 'th button')[0])
  await until(() => names(table)[0] === 'report')
})

test('a search leaves what matches, says how many, and says when nothing does', async () => {
  const table = show()
  await until(() => names(table).length === 3)
  await userEvent.fill(find(table, 'input')!, 'MA')
  await until(() => text(table, '.footer') === '2 of 3 rows')
  expect(names(table)).toEqual(['image', 'email'])
  await userEvent.fill(find(table, 'input')!, 'zzz')
  await until(() => text(table, '.nothing').includes('zzz'))
  await expectAccessible(table)
})

const large: TableData = {
  columns: [
    { name: 'name', kind: 'text', values: Array.from({ length: 100_000 }, (_, i) => `row ${i}`) },
    { name: 'value', kind: 'number', unit: 'ms', values: Float64Array.from({ length: 100_000 }, (_, i) => i) },
  ],
}

test('100,000 rows: few are in the page, all can be reached by scrolling and by keys', async () => {
  const table = page.show('metric-table', { title: 'Large' })
  table.data = large
  await until(() => names(table)[0] === 'row 99999')
  await until(() => names(table).length > 12)
  expect(names(table).length).toBeLessThan(40)
  const scroller = find(table, '.scroll')!
  expect(scroller.scrollHeight).toBeGreaterThan(100_000 * 33)
  scroller.scrollTop = 50_000 * 34
  await until(() => names(table).includes('row 49995'))
  // The height is settled: a table that grows or shrinks afterwards does not follow its end.
  const { clientHeight } = scroller
  await new Promise((frame) => requestAnimationFrame(() => requestAnimationFrame(frame)))
  expect(scroller.clientHeight).toBe(clientHeight)
  find(table, '.name')!.focus()
  await userEvent.keyboard('{End}')
  await until(() => table.shadowRoot!.activeElement?.textContent === 'row 0')
  await userEvent.keyboard('{ArrowUp}')
  await until(() => table.shadowRoot!.activeElement?.textContent === 'row 1')
  const box = table.shadowRoot!.activeElement!.getBoundingClientRect()
  expect(box.bottom).toBeLessThanOrEqual(scroller.getBoundingClientRect().bottom)
})

test('a row that is chosen tells its tags; all rows are in the file', async () => {
  const table = show()
  await until(() => names(table).length === 3)
  let selected: SelectDetail | undefined
  table.addEventListener('metric-select', ({ detail }) => {
    selected = detail
  })
  await userEvent.click(all(table, '.name')[1])
  expect(selected).toMatchObject({ series: { tags: { 'task.type': 'image' } }, point: { value: 300 } })
  expect(await (await table.export('csv')).text()).toBe(
    'task.type,avg (ms),p95 (ms)\r\nreport,1500,1500\r\nimage,300,300\r\nemail,40,40\r\n',
  )
})

test('empty, error and stale', async () => {
  const table = show({ metric: 'orders', interval: '1s' })
  await until(() => text(table, '.state').startsWith('Nothing in the last 1h'))
  table.aggregations = 'median'
  await until(() => text(table, '.state').includes('median'))
  table.aggregations = 'avg'
  table.metric = 'runs'
  await until(() => names(table).length === 3)
  page.collector.stop()
  await until(() => text(table, '.badge').startsWith('No connection'))
  expect(names(table)).toHaveLength(3)
  await expectAccessible(table)
})
