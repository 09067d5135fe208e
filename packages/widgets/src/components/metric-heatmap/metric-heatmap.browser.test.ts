import { beforeEach, expect, test } from 'vitest'
import { userEvent } from 'vitest/browser'
import { expectAccessible, find, text, until, usePage } from '../../testing/page.js'
import type { SelectDetail } from '../metric-chart/interaction.js'

const page = usePage()
beforeEach(() => {
  page.collector.metrics.set('meets', {
    groups: ['eu', 'us'].flatMap((region) => ['ok', 'error'].map((status) => ({ region, status }))),
    stepMs: 60_000,
    unit: '1',
    signal: (_, g) => [80, 4, 30, 1][g],
  })
})
const show = (attributes: Record<string, string> = {}) =>
  page.show('metric-heatmap', { metric: 'latency', title: 'Latency', range: '15m', ...attributes })

function pixels(element: Element): Uint32Array {
  const canvas = find(element, 'canvas') as HTMLCanvasElement
  const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
  return new Uint32Array(data.buffer)
}

test('a pixel a cell: where values fell is coloured, elsewhere it is clear', async () => {
  const map = show()
  await until(() => find(map, 'canvas'))
  await map.updateComplete
  const canvas = find(map, 'canvas') as HTMLCanvasElement
  expect(canvas.width).toBeGreaterThan(30)
  expect(canvas.height).toBe(40)
  const words = pixels(map)
  const filled = words.filter((word) => word !== 0).length
  expect(filled).toBeGreaterThan(canvas.width * 4)
  expect(filled).toBeLessThan(words.length / 2)
  await expectAccessible(map)
})

test('pointer and keys read a cell, and select its bucket', async () => {
  const map = show()
  await until(() => find(map, 'canvas'))
  const plot = find(map, '.plot')!
  await userEvent.hover(plot)
  await until(() => find(map, '.tip')!.matches(':popover-open'))
  expect(text(map, '.tip')).toMatch(/–.*Count/)
  let selected: SelectDetail | undefined
  map.addEventListener('metric-select', ({ detail }) => {
    selected = detail
  })
  await userEvent.hover(find(map, 'h3')!)
  plot.focus()
  await userEvent.keyboard('{End}{ArrowDown}')
  await until(() => /Count \d+/.test(text(map, '[aria-live]')))
  // From the middle down to the row of the values around 120 ms.
  for (let i = 0; i < 12 && !selected; i++) await userEvent.keyboard('{ArrowDown}{Enter}')
  expect(selected!.point.value).toBeGreaterThan(0)
  expect(Date.parse(selected!.range.end)).toBeGreaterThan(Date.parse(selected!.range.start))
})

test('two tags: how they meet, written into the cells', async () => {
  const map = show({ metric: 'meets', aggregation: 'sum', 'group-by': 'region,status' })
  await until(() => text(map, '.column-labels') === 'euus')
  expect(text(map, '.row-labels')).toBe('okerror')
  expect(text(map, '.written')).toMatch(/80\s*30\s*4\s*1/)
  const words = pixels(map)
  expect(words).toHaveLength(4)
  expect(new Set(words).size).toBe(4)
  await expectAccessible(map)
  expect(await (await map.export('csv')).text()).toContain('eu,ok,80')
})

test('a picture has the cells; a file their counts', async () => {
  const map = show()
  await until(() => find(map, 'canvas'))
  const { rows, columns } = JSON.parse(await (await map.export('json')).text())
  expect(columns.map(({ name }: { name: string }) => name)).toEqual(['Time', 'latency', 'Count'])
  expect(rows.length).toBeGreaterThan(100)
  expect((await map.export('png')).size).toBeGreaterThan(5_000)
})

test('empty, error and stale', async () => {
  const map = show({ metric: 'orders' })
  await until(() => text(map, '.state').startsWith('Nothing in the last 15m'))
  map.metric = 'latency'
  await until(() => find(map, 'canvas'))
  page.collector.stop()
  map.interval = '1s'
  await until(() => text(map).includes('No connection'))
  await expectAccessible(map)
})
