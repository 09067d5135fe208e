/** Several queries on one chart, two axes, and what is said beside the series. */
import { expect, test } from 'vitest'
import { all, expectAccessible, find, text, until, usePage } from '../../testing/page.js'
import type { MetricChart } from './metric-chart.component.js'

const page = usePage()

function show(attributes: Record<string, string> = {}): MetricChart {
  return page.show('metric-chart', { metric: 'latency', range: '5m', title: 'Latency', ...attributes })
}

function addSeries(chart: MetricChart, attributes: Record<string, string>): HTMLElement {
  const series = document.createElement('metric-series')
  for (const [name, value] of Object.entries(attributes)) series.setAttribute(name, value)
  return chart.appendChild(series)
}

/** How much of a stripe of the canvas is painted, by a test of its colour. */
function painted(chart: MetricChart, test: (r: number, g: number, b: number) => boolean, x = 0, width = 1): number {
  const canvas = chart.shadowRoot!.querySelector('canvas')
  if (!canvas?.width) return 0
  const from = Math.floor(canvas.width * x)
  const { data } = canvas.getContext('2d')!.getImageData(from, 0, Math.ceil(canvas.width * width), canvas.height)
  let count = 0
  for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 100 && test(data[i], data[i + 1], data[i + 2])) count++
  return count
}

const isRed = (r: number, g: number, b: number) => r > 150 && g < 90 && b < 110
const isGrey = (r: number, g: number, b: number) => Math.abs(r - g) < 30 && Math.abs(g - b) < 40

test('a second metric stands on an axis of its own, and goes when its tag goes', async () => {
  page.collector.metrics.set('load', { groups: [{}], stepMs: 10_000, unit: 'ratio', signal: () => 0.42 })
  const chart = show()
  await until(() => all(chart, '.key').length === 2)
  const room = () =>
    find(chart, '.plot')!.getBoundingClientRect().right - find(chart, '.area')!.getBoundingClientRect().right
  await until(() => room() < 20)
  const before = room()
  const series = addSeries(chart, { metric: 'load', axis: 'right', label: 'Load', type: 'area' })
  await until(() => text(chart, '.legend').includes('Load42%'))
  await until(() => room() > before + 20)
  expect(text(chart, '#summary') || '').not.toBe('')
  await expectAccessible(chart)
  series.setAttribute('label', 'CPU')
  await until(() => text(chart, '.legend').includes('CPU42%'))
  series.remove()
  await until(() => all(chart, '.key').length === 2 && room() === before)
})

test('a chart of series alone, told apart by aggregation', async () => {
  const chart = show({ metric: '' })
  addSeries(chart, { metric: 'latency', aggregation: 'p50', 'group-by': 'task.type' })
  addSeries(chart, { metric: 'latency', aggregation: 'p99', 'group-by': 'task.type' })
  await until(() => all(chart, '.key').length === 4)
  expect(all(chart, '.key span').map((each) => each.textContent)).toEqual([
    'email · p50',
    'report · p50',
    'email · p99',
    'report · p99',
  ])
})

test('thresholds are drawn in their colour; what makes no sense is said', async () => {
  page.collector.metrics.set('load', { groups: [{}], stepMs: 5_000, unit: '', signal: () => 100 })
  const chart = show({ metric: 'load', theme: 'light' })
  await until(() => painted(chart, isGrey) > 0)
  expect(painted(chart, isRed)).toBe(0)
  chart.thresholds = '110:critical:Limit'
  await until(() => painted(chart, isRed) > 100)
  chart.thresholds = 'high'
  await until(() => text(chart, '.state').includes('thresholds="high"'))
})

test('the period before is asked for once, drawn behind, and can be hidden', async () => {
  const chart = show({ 'compare-to': '1d' })
  await until(() => text(chart, '.legend').includes('1 day earlier'))
  const [{ time_range, step }] = page.collector.queries
  expect(step).toBe('5000ms')
  expect(Date.now() - Number(time_range.start)).toBeGreaterThan(86_400_000)
  page.collector.tick()
  await new Promise((resolve) => setTimeout(resolve, 400))
  expect(page.collector.queries).toHaveLength(1)
  all(chart, '.key').at(-1)!.click()
  await until(() => all(chart, '.key').at(-1)!.getAttribute('aria-pressed') === 'false')
})

test('annotations of the collector or of the page are drawn, and told near the cursor', async () => {
  const at = Date.now() - 150_000
  page.collector.annotations = [{ time: at, title: 'Deploy 1.4', severity: 'critical' }]
  const chart = show({ annotations: '', theme: 'light' })
  await until(() => painted(chart, isRed) > 50)
  const { left, top, width } = find(chart, '.area')!.getBoundingClientRect()
  const move = { pointerType: 'mouse', clientX: left + width / 2, clientY: top + 20, bubbles: true }
  find(chart, '.area')!.dispatchEvent(new PointerEvent('pointermove', move))
  await until(() => text(chart, '.tip').includes('Deploy 1.4'))
  chart.annotations = [{ time: new Date(at).toISOString(), text: '<img src=x>' }]
  await until(() => text(chart, '.tip').includes('<img src=x>'))
  expect(find(chart, '.tip img')).toBeNull()
})

test('a logarithmic axis gives small values room', async () => {
  page.collector.metrics.set('wide', {
    groups: [{ s: 'a' }, { s: 'b' }],
    stepMs: 5_000,
    unit: '',
    signal: (_, g) => (g === 0 ? 1 : 10_000),
  })
  const chart = show({ metric: 'wide', scale: 'log' })
  await until(() => all(chart, '.key').length === 2)
  const rows = () => {
    const canvas = chart.shadowRoot!.querySelector('canvas')!
    const { data } = canvas.getContext('2d')!.getImageData(canvas.width / 2, 0, 1, canvas.height)
    const found: number[] = []
    for (let y = 0; y < canvas.height; y++) {
      const [r, g, b] = data.subarray(y * 4, y * 4 + 3)
      if (Math.max(r, g, b) - Math.min(r, g, b) > 60) found.push(y / canvas.height)
    }
    return found
  }
  await until(() => rows().length > 1)
  expect(rows().at(-1)! - rows()[0]).toBeGreaterThan(0.6)
})

test('a zone that nobody knows is said', async () => {
  const chart = show({ 'time-zone': 'Mars/Olympus' })
  await until(() => text(chart, '.state').includes('time-zone="Mars/Olympus"'))
})
