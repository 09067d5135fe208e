import { beforeEach, expect, test } from 'vitest'
import { userEvent } from 'vitest/browser'
import { all, expectAccessible, find, text, until, usePage } from '../../testing/page.js'
import type { SelectDetail } from '../metric-chart/interaction.js'

const page = usePage()
const names = ['email', 'report', 'image', 'search']
beforeEach(() => {
  page.collector.metrics.set('runs', {
    groups: names.map((type) => ({ 'task.type': type })),
    stepMs: 60_000,
    unit: '1',
    signal: (_, g) => [40, 10, 30, 20][g],
  })
  page.collector.metrics.set('by.region', {
    groups: ['eu', 'us'].flatMap((region) => ['ok', 'error'].map((status) => ({ region, status }))),
    stepMs: 60_000,
    unit: '1',
    signal: (_, g) => [8, 2, 3, 1][g],
  })
})
const show = (attributes: Record<string, string> = {}) =>
  page.show('metric-bar', { metric: 'runs', aggregation: 'sum', 'group-by': 'task.type', title: 'Runs', ...attributes })
const labels = (element: Element) => all(element, '.row .label').map((label) => label.textContent)

test('loading, then sorted bars in proportion', async () => {
  const bar = show()
  await bar.updateComplete
  expect(find(bar, '[role=status]')).not.toBeNull()
  await until(() => labels(bar).length === 4)
  expect(labels(bar)).toEqual(['email', 'image', 'search', 'report'])
  expect(all(bar, 'rect.mark').map((mark) => mark.getAttribute('width'))).toEqual([
    '100.000%',
    '75.000%',
    '50.000%',
    '25.000%',
  ])
  await expectAccessible(bar)
})

test('the first few, and the rest in one', async () => {
  const bar = show({ limit: '2', other: '' })
  await until(() => labels(bar).length === 3)
  expect(text(bar, '.rows')).toBe('email 40 image 30 Other 30')
  bar.aggregation = 'p95'
  await until(() => labels(bar).length === 2)
  expect(text(bar)).toContain('And 2 more.')
})

test('keys walk, speak and select; a click selects', async () => {
  const bar = show()
  await until(() => labels(bar).length === 4)
  const selected: SelectDetail[] = []
  bar.addEventListener('metric-select', ({ detail }) => selected.push(detail))
  find(bar, '.plot')!.focus()
  await userEvent.keyboard('{ArrowDown}{ArrowDown}')
  await until(() => text(bar, '[aria-live]') === 'image: 30 (2/4)')
  await userEvent.keyboard('{Enter}')
  await userEvent.click(all(bar, '.row')[3])
  expect(selected.map(({ series, point }) => [series.tags['task.type'], point.value])).toEqual([
    ['image', 30],
    ['report', 10],
  ])
  expect(Date.parse(selected[0].range.end) - Date.parse(selected[0].range.start)).toBe(3_600_000)
})

test('vertical stacks on a round axis, with a legend and a tooltip that stays on the screen', async () => {
  const bar = show({ metric: 'by.region', 'group-by': 'region,status', orientation: 'vertical' })
  await until(() => all(bar, 'rect.mark').length === 4)
  expect(text(bar, '.axis')).toBe('107.552.50')
  expect(text(bar, '.layers')).toBe('error ok')
  await userEvent.hover(all(bar, '.hit')[0])
  await until(() => find(bar, '.tip')!.matches(':popover-open'))
  expect(text(bar, '.tip')).toContain('Total10')
  const { left, right, top } = find(bar, '.tip')!.getBoundingClientRect()
  expect(left >= 0 && right <= innerWidth && top >= 0).toBe(true)
  await expectAccessible(bar)
})

test('the legend hides a layer, and shows one alone', async () => {
  const bar = show({ metric: 'by.region', 'group-by': 'region,status', orientation: 'vertical' })
  await until(() => all(bar, 'rect.mark').length === 4)
  const [error, ok] = all(bar, '.key')
  await userEvent.click(error)
  await until(() => all(bar, 'rect.mark').length === 2)
  expect(error.getAttribute('aria-pressed')).toBe('false')
  await expectAccessible(bar)
  ok.focus()
  await userEvent.keyboard('{Alt>}{Enter}{/Alt}')
  await until(() => all(bar, 'rect.mark').length === 4)
  await userEvent.dblClick(error)
  await until(() => all(bar, 'rect.mark.s6').length === 2 && all(bar, 'rect.mark').length === 2)
})

test('from right to left a name still stands under its column', async () => {
  document.dir = 'rtl'
  const bar = show({ orientation: 'vertical' })
  await until(() => all(bar, 'rect.mark').length === 4)
  const marks = all(bar, 'rect.mark').map((mark) => mark.getBoundingClientRect())
  const labels = all(bar, '.names span')
  expect(labels.map((label) => label.textContent)).toEqual(['email', 'image', 'search', 'report'])
  labels.forEach((label, i) => {
    const { left, right } = label.getBoundingClientRect()
    expect((left + right) / 2).toBeCloseTo((marks[i].left + marks[i].right) / 2, 0)
  })
  await expectAccessible(bar)
  document.dir = ''
})

test('as a table, and as a file', async () => {
  const bar = show({ metric: 'by.region', 'group-by': 'region,status' })
  await until(() => all(bar, '.row').length === 2)
  await userEvent.click(find(bar, '.more')!)
  await until(() => find(bar, '[role=menuitem]'))
  await userEvent.click(find(bar, '[role=menuitem]')!)
  await until(() => all(bar, '.data tbody tr')[0]?.textContent === 'euerror2')
  await expectAccessible(bar)
  const csv = await (await bar.export('csv')).text()
  expect(csv.split('\r\n')[0]).toBe('region,status,sum')
})

test('values move with the stream, and a lost collector is said', async () => {
  const bar = show({ interval: '1s' })
  await until(() => labels(bar).length === 4)
  page.collector.metrics.get('runs')!.signal = (_, g) => [1, 99, 3, 4][g]
  page.collector.tick()
  await until(() => labels(bar)[0] === 'report')
  page.collector.stop()
  await until(() => text(bar, '.badge').startsWith('No connection'))
  await expectAccessible(bar)
})

test('empty and error states', async () => {
  const bar = show({ metric: 'unknown' })
  await until(() => text(bar, '.state').startsWith('Nothing in the last 1h'))
  await expectAccessible(bar)
  bar.range = 'long'
  await until(() => text(bar, '.state').includes('range="long"'))
})
