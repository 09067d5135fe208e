/** What hands and keys do to a chart, alone and in a group. */
import { expect, test } from 'vitest'
import { userEvent } from 'vitest/browser'
import { all, expectAccessible, find, text, until, usePage } from '../../testing/page.js'
import type { ZoomDetail } from './interaction.js'
import type { MetricChart } from './metric-chart.component.js'

const page = usePage()

async function show(attributes: Record<string, string> = {}): Promise<MetricChart> {
  const chart = page.show('metric-chart', { metric: 'latency', 'group-by': 'task.type', range: '5m', ...attributes })
  await until(() => find(chart, '.area')?.clientWidth)
  return chart
}

function listen(chart: MetricChart): ZoomDetail[] {
  const zooms: ZoomDetail[] = []
  chart.addEventListener('metric-zoom', (event) => zooms.push(event.detail))
  return zooms
}

const widthMs = ({ start, end }: ZoomDetail) => Date.parse(end!) - Date.parse(start!)

function send(chart: MetricChart, type: string, share: number, init: PointerEventInit & WheelEventInit = {}): Event {
  const { left, top, width, height } = find(chart, '.area')!.getBoundingClientRect()
  const at = { clientX: left + width * share, clientY: top + height / 2, bubbles: true, cancelable: true, ...init }
  const Kind = type === 'wheel' ? WheelEvent : PointerEvent
  const event = new Kind(type, { pointerId: 1, pointerType: 'mouse', ...at })
  find(chart, '.area')!.dispatchEvent(event)
  return event
}

const touch = (chart: MetricChart, type: string, id: number, share: number) =>
  send(chart, type, share, { pointerType: 'touch', pointerId: id })

test('a wheel zooms about the pointer once it has moved there, and scrolls the page where there is nothing to zoom', async () => {
  const chart = await show()
  const zooms = listen(chart)
  expect(send(chart, 'wheel', 0.5, { deltaY: -200 }).defaultPrevented).toBe(false)
  send(chart, 'pointermove', 0.5)
  expect(send(chart, 'wheel', 0.5, { deltaY: 200 }).defaultPrevented).toBe(false)
  expect(send(chart, 'wheel', 0.5, { deltaY: -200 }).defaultPrevented).toBe(true)
  expect(widthMs(zooms[0])).toBeCloseTo(300_000 * Math.exp(-0.44), -3)
  send(chart, 'wheel', 0.5, { deltaY: 9000 })
  expect(zooms.at(-1)).toEqual({ start: null, end: null })
  chart.wheel = 'ctrl'
  expect(send(chart, 'wheel', 0.5, { deltaY: -200 }).defaultPrevented).toBe(false)
  expect(send(chart, 'wheel', 0.5, { deltaY: -20, ctrlKey: true }).defaultPrevented).toBe(true)
})

test('Shift and a drag move the window, and a wheel that is turned sideways too', async () => {
  const chart = await show()
  const zooms = listen(chart)
  send(chart, 'pointerdown', 0.5, { button: 0, shiftKey: true })
  send(chart, 'pointermove', 0.75, { shiftKey: true })
  send(chart, 'pointerup', 0.75)
  expect(widthMs(zooms[0])).toBe(300_000)
  expect(Date.now() - Date.parse(zooms[0].end!)).toBeGreaterThan(70_000)
  send(chart, 'wheel', 0.5, { deltaX: 50, deltaY: 0 })
  expect(Date.parse(zooms[1].end!)).toBeGreaterThan(Date.parse(zooms[0].end!))
})

test('two fingers zoom, one moves the window, one that is held slides the cursor', async () => {
  const chart = await show()
  const zooms = listen(chart)
  touch(chart, 'pointerdown', 1, 0.4)
  touch(chart, 'pointerdown', 2, 0.6)
  touch(chart, 'pointermove', 1, 0.2)
  touch(chart, 'pointermove', 2, 0.8)
  touch(chart, 'pointerup', 1, 0.2)
  touch(chart, 'pointerup', 2, 0.8)
  expect(widthMs(zooms.at(-1)!)).toBeCloseTo(100_000, -4)
  const before = Date.parse(zooms.at(-1)!.start!)
  touch(chart, 'pointerdown', 3, 0.4)
  touch(chart, 'pointermove', 3, 0.6)
  touch(chart, 'pointerup', 3, 0.6)
  expect(Date.parse(zooms.at(-1)!.start!)).toBeLessThan(before)
  const count = zooms.length
  touch(chart, 'pointerdown', 4, 0.3)
  await until(() => find(chart, '.tip')!.matches(':popover-open'))
  touch(chart, 'pointermove', 4, 0.5)
  touch(chart, 'pointerup', 4, 0.5)
  expect(zooms).toHaveLength(count)
})

test('a zoom asks for its own finer steps, and shows them', async () => {
  const chart = await show()
  send(chart, 'pointermove', 0.5)
  for (let i = 0; i < 3; i++) send(chart, 'wheel', 0.5, { deltaY: -300 })
  await expect.poll(() => page.collector.queries.length).toBe(1)
  const { time_range, step, format, metric_name } = page.collector.queries[0]
  expect({ step, format, metric_name }).toEqual({ step: 'auto', format: 'columns', metric_name: 'latency' })
  expect(Number(time_range.end) - Number(time_range.start)).toBeLessThan(60_000)
  chart.resetZoom()
  await until(() => !text(chart, '.header').includes('Reset zoom'))
})

test('all of it by keys', async () => {
  const chart = await show()
  const zooms = listen(chart)
  find(chart, '.plot')!.focus()
  await userEvent.keyboard('+')
  expect(widthMs(zooms[0])).toBeCloseTo(180_000, -3)
  await userEvent.keyboard('{Shift>}{ArrowLeft}{/Shift}')
  expect(widthMs(zooms[1])).toBeCloseTo(180_000, -3)
  await userEvent.keyboard('0')
  expect(zooms.at(-1)).toEqual({ start: null, end: null })
  await userEvent.keyboard('{Home} {ArrowRight}{ArrowRight}{ArrowRight}{ArrowRight}')
  expect(find(chart, '.span')!.hidden).toBe(false)
  await userEvent.keyboard('{Enter}')
  expect(widthMs(zooms.at(-1)!)).toBe(20_000)
  await userEvent.keyboard('{Escape}{Escape}')
  await until(() => zooms.at(-1)!.start === null)
})

test('a group shares cursor and window', async () => {
  const a = await show({ group: 'g' })
  const b = await show({ group: 'g' })
  const alone = await show()
  send(a, 'pointermove', 0.5)
  await until(() => !find(b, '.cross')!.hidden && find(alone, '.cross')!.hidden)
  expect(find(a, '.tip')!.matches(':popover-open')).toBe(true)
  expect(find(b, '.tip')!.matches(':popover-open')).toBe(false)
  send(a, 'wheel', 0.5, { deltaY: -300 })
  await until(() => text(b, '.header').includes('Reset zoom'))
  expect(text(alone, '.header')).not.toContain('Reset zoom')
  send(b, 'dblclick', 0.5)
  await until(() => !text(a, '.header').includes('Reset zoom'))
  send(a, 'pointerleave', 0.5)
  await until(() => find(b, '.cross')!.hidden)
})

test('the legend finds, hides and isolates', async () => {
  const groups = Array.from({ length: 12 }, (_, i) => ({ host: `host-${i}` }))
  page.collector.metrics.set('cpu', { groups, stepMs: 5_000, unit: '', signal: (_, g) => g })
  const chart = await show({ metric: 'cpu' })
  await until(() => all(chart, '.key').length === 12)
  await userEvent.fill(find(chart, '.find')!, '11')
  await until(() => all(chart, '.key').length === 1)
  await expectAccessible(chart)
  await userEvent.fill(find(chart, '.find')!, '')
  await until(() => all(chart, '.key').length === 12)
  const pressed = () => all(chart, '.key[aria-pressed=true]').length
  await userEvent.dblClick(all(chart, '.key')[3])
  await until(() => pressed() === 1)
  expect(all(chart, '.key')[3].getAttribute('aria-pressed')).toBe('true')
  await userEvent.dblClick(all(chart, '.key')[3])
  await until(() => pressed() === 12)
  all(chart, '.key')[0].dispatchEvent(new MouseEvent('click', { altKey: true, detail: 1 }))
  await until(() => pressed() === 1)
})
