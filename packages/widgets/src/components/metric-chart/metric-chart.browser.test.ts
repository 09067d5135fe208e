import { expect, test } from 'vitest'
import { userEvent } from 'vitest/browser'
import { all, expectAccessible, find, text, until, usePage } from '../../testing/page.js'
import type { SelectDetail, ZoomDetail } from './interaction.js'
import type { MetricChart } from './metric-chart.component.js'

const page = usePage()
const show = (attributes: Record<string, string> = {}) =>
  page.show('metric-chart', {
    metric: 'latency',
    aggregation: 'p95',
    'group-by': 'task.type',
    range: '5m',
    title: 'Latency',
    interval: '1s',
    ...attributes,
  })

/** The share of the canvas that is coloured: series, without the grey of labels and grid. */
function ink(chart: MetricChart): number {
  const canvas = chart.shadowRoot!.querySelector('canvas')
  if (!canvas?.width) return 0
  const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
  let painted = 0
  for (let i = 3; i < data.length; i += 4)
    if (Math.max(data[i - 3], data[i - 2], data[i - 1]) - Math.min(data[i - 3], data[i - 2], data[i - 1]) > 60)
      painted++
  return painted / (data.length / 4)
}
const drawn = (chart: MetricChart) => until(() => ink(chart) > 0.001)

async function hover(chart: MetricChart, share: number, buttons = 0): Promise<{ x: number; y: number }> {
  const { left, top, width, height } = find(chart, '.area')!.getBoundingClientRect()
  const at = { x: left + width * share, y: top + height / 2 }
  pointer(chart, 'pointermove', at, buttons)
  await chart.updateComplete
  return at
}
function pointer(chart: MetricChart, type: string, at: { x: number; y: number }, buttons = 0): void {
  find(chart, '.area')!.dispatchEvent(
    new PointerEvent(type, {
      pointerId: 1,
      pointerType: 'mouse',
      clientX: at.x,
      clientY: at.y,
      button: 0,
      buttons,
      bubbles: true,
    }),
  )
}

test('loading, then lines with a legend of their newest values', async () => {
  const chart = show()
  await chart.updateComplete
  expect(find(chart, '[role=status]')?.ariaLabel ?? find(chart, '[role=status]')?.getAttribute('aria-label')).toBe(
    'Loading',
  )
  await expectAccessible(chart)
  await drawn(chart)
  expect(all(chart, '.key').map((key) => key.textContent?.replace(/\s+/g, ' ').trim())).toEqual([
    'email120 ms',
    'report2.4 s',
  ])
  await expectAccessible(chart)
})

test('subscribes with what its attributes say, and again when they change', async () => {
  const chart = show({ filters: 'region=eu', step: '5s' })
  await drawn(chart)
  expect(page.collector.received[1]).toMatchObject({
    type: 'subscribe',
    interval: '1s',
    query: {
      metric_name: 'latency',
      aggregation: 'p95',
      group_by: ['task.type'],
      filters: { region: 'eu' },
      range: '5m',
      step: '5s',
    },
  })
  chart.range = '15m'
  await until(() => page.collector.received.some((frame) => 'query' in frame && frame.query.range === '15m'))
  expect(page.collector.received.some(({ type }) => type === 'unsubscribe')).toBe(true)
})

test.each(['area', 'bar', 'stacked', 'scatter'])('draws as %s', async (type) => {
  await drawn(show({ type }))
})

test('charts that ask the same share a socket and a stream', async () => {
  const [a, b] = [show(), show()]
  await drawn(a)
  await drawn(b)
  expect(page.collector.sockets.size).toBe(1)
  expect(page.collector.received.filter(({ type }) => type === 'subscribe')).toHaveLength(1)
})

test('deltas move the legend without a new snapshot', async () => {
  const chart = show()
  await drawn(chart)
  page.collector.metrics.get('latency')!.signal = () => 333
  page.collector.tick()
  await until(() => text(chart, '.legend').includes('333 ms'))
  expect(page.collector.received.filter(({ type }) => type === 'subscribe')).toHaveLength(1)
})

test('an unknown metric says how to send it, and shows up by itself', async () => {
  const chart = show({ metric: 'orders', aggregation: 'count' })
  await until(() => text(chart, '.state').includes("counter('orders').add(1)"))
  await expectAccessible(chart)
})

test('no metric, and attributes that make no sense, say so', async () => {
  const bare = show({ metric: '' })
  await until(() => text(bare, '.state').includes('metric attribute'))
  const wrong = show({ range: 'long' })
  await until(() => text(wrong, '.state').includes('range="long" is not understood'))
  await expectAccessible(wrong)
})

test('a refused token is an error with a button; a good one recovers', async () => {
  page.collector.token = 'other'
  const chart = show()
  await until(() => text(chart, '.state').includes('token is not known'))
  await expectAccessible(chart)
  page.collector.token = 'secret'
  await userEvent.click(find(chart, '.action')!)
  await drawn(chart)
})

test('a new token on the provider subscribes again', async () => {
  page.collector.token = 'other'
  const chart = show()
  await until(() => find(chart, '.action'))
  document.querySelector('metric-provider')!.token = 'other'
  await drawn(chart)
})

test('a collector that is down is said with a countdown, and comes back by itself', async () => {
  page.collector.stop()
  const chart = show()
  await until(() => /Trying again in \d+ s/.test(text(chart, '.state')))
  page.collector.start()
  await drawn(chart)
})

test('a lost connection keeps the data and says how old it is; the stream resumes', async () => {
  const chart = show()
  await drawn(chart)
  page.collector.stop()
  await until(() => /No connection, (reconnecting|retrying in \d+ s) – showing data of \d/.test(text(chart, '.badge')))
  expect(find(chart, '.plot')!.className).toContain('old')
  await expectAccessible(chart)
  page.collector.start()
  await until(() => !find(chart, '.badge'))
  expect(page.collector.received.at(-1)).toMatchObject({ type: 'subscribe', resume: 1 })
})

test('the cursor shows every value beside it, and its tooltip stays on the screen', async () => {
  const chart = show()
  await drawn(chart)
  for (const share of [0.02, 0.5, 0.98]) {
    await hover(chart, share)
    await until(() => text(chart, '.tip').includes('2.4 s'))
    const { left, right, top, bottom } = find(chart, '.tip')!.getBoundingClientRect()
    expect(Math.min(left, top, innerWidth - right, innerHeight - bottom)).toBeGreaterThanOrEqual(0)
  }
  pointer(chart, 'pointerleave', { x: 0, y: 0 })
  await until(() => !find(chart, '.tip')!.matches(':popover-open'))
})

test('a drag zooms, a double click resets', async () => {
  const chart = show()
  await drawn(chart)
  const zooms: ZoomDetail[] = []
  chart.addEventListener('metric-zoom', (event) => zooms.push(event.detail))
  pointer(chart, 'pointerdown', await hover(chart, 0.25), 1)
  // A pointer made by a script cannot be captured.
  find(chart, '.area')!.setPointerCapture = () => {}
  const end = await hover(chart, 0.5, 1)
  expect(find(chart, '.span')!.hidden).toBe(false)
  pointer(chart, 'pointerup', end)
  const { start, end: stop } = zooms[0]
  expect(Date.parse(stop!) - Date.parse(start!)).toBeCloseTo(75_000, -4)
  await until(() => text(chart, '.header').includes('Reset zoom'))
  await expectAccessible(chart)
  find(chart, '.area')!.dispatchEvent(new MouseEvent('dblclick'))
  await until(() => !text(chart, '.header').includes('Reset zoom'))
  expect(zooms[1]).toEqual({ start: null, end: null })
})

test('a click tells the point, its series and its bucket', async () => {
  const chart = show()
  await drawn(chart)
  let detail: SelectDetail | undefined
  document.body.addEventListener('metric-select', (event) => (detail = event.detail), { once: true })
  const at = await hover(chart, 0.5)
  find(chart, '.area')!.dispatchEvent(
    new MouseEvent('click', { clientX: at.x, clientY: find(chart, '.area')!.getBoundingClientRect().bottom }),
  )
  expect(detail).toMatchObject({
    point: { value: 120 },
    series: { label: 'email', tags: { 'task.type': 'email' }, metric: 'latency' },
  })
  expect(Date.parse(detail!.range.end) - Date.parse(detail!.range.start)).toBe(5_000)
})

test('keys walk the points, and a live region says them', async () => {
  const chart = show()
  await drawn(chart)
  const plot = find(chart, '.plot')!
  plot.focus()
  await userEvent.keyboard('{End}')
  await until(() => /email 120 ms, report 2.4 s/.test(text(chart, '[aria-live]')))
  const last = text(chart, '[aria-live]')
  await userEvent.keyboard('{ArrowLeft}{ArrowLeft}')
  await until(() => text(chart, '[aria-live]') !== last && find(chart, '.tip')!.matches(':popover-open'))
  let value = 0
  chart.addEventListener('metric-select', (event) => (value = event.detail.point.value))
  await userEvent.keyboard('{Enter}')
  expect(value).toBeGreaterThan(0)
  await userEvent.keyboard('{Escape}')
  await until(() => !find(chart, '.tip')!.matches(':popover-open'))
})

test('a series is hidden and shown by its legend', async () => {
  const chart = show()
  await drawn(chart)
  const key = all(chart, '.key')[1]
  await userEvent.click(key)
  await until(() => key.getAttribute('aria-pressed') === 'false')
  await hover(chart, 0.5)
  await until(() => text(chart, '.tip').includes('email'))
  expect(text(chart, '.tip')).not.toContain('report')
  await expectAccessible(chart)
})

test('the same data as a table', async () => {
  const chart = show()
  await drawn(chart)
  await userEvent.click(find(chart, '.more')!)
  const entry = () => all(chart, '[role=menuitem]').find((item) => item.textContent?.includes('Show as table'))
  await until(entry)
  await userEvent.click(entry()!)
  await until(() => all(chart, 'tbody tr').length > 50)
  expect(all(chart, 'thead th').map((cell) => cell.textContent)).toEqual(['Time', 'email', 'report'])
  await expectAccessible(chart)
})

test('a summary in words', async () => {
  const chart = show()
  await drawn(chart)
  expect(text(chart, '#summary')).toContain('report: latest 2.4 s, lowest 2.4 s')
})

test('a long hole is a gap in the line, a bucket without a value is not', async () => {
  const painted: Record<string, number> = {}
  for (const [name, signal] of Object.entries({
    whole: () => 100,
    sparse: (t: number) => ((t / 5000) % 2 === 0 ? 100 : null),
    gap: (t: number) => (Date.now() - t > 60_000 && Date.now() - t < 240_000 ? null : 100),
  })) {
    page.collector.metrics.set(name, { groups: [{}], stepMs: 5_000, unit: '', signal })
    const chart = show({ metric: name, 'group-by': '' })
    await drawn(chart)
    painted[name] = ink(chart)
    chart.remove()
  }
  expect(painted.sparse / painted.whole).toBeGreaterThan(0.95)
  expect(painted.gap / painted.whole).toBeLessThan(0.5)
})

test('the theme is followed, also when it changes', async () => {
  const chart = show()
  await drawn(chart)
  const surface = () => getComputedStyle(find(chart, '.card')!).backgroundColor
  expect(surface()).toBe('rgb(255, 255, 255)')
  const pixels = () => chart.shadowRoot!.querySelector('canvas')!.toDataURL()
  const before = pixels()
  document.querySelector('metric-provider')!.theme = 'dark'
  await until(() => surface() === 'rgb(22, 24, 29)')
  await until(() => pixels() !== before)
  await expectAccessible(chart)
})

test('off the screen it is drawn once, and again when it scrolls in', async () => {
  const spacer = document.createElement('div')
  spacer.style.height = '3000px'
  document.body.append(spacer)
  const chart = show()
  const pixels = () => chart.shadowRoot!.querySelector('canvas')!.toDataURL()
  await drawn(chart)
  const before = pixels()
  page.collector.tick()
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(pixels()).toBe(before)
  chart.scrollIntoView()
  await until(() => pixels() !== before)
})

test('goes and comes back', async () => {
  const chart = show()
  await drawn(chart)
  const provider = chart.parentElement!
  chart.remove()
  expect(chart.shadowRoot!.querySelector('canvas')).toBeNull()
  provider.append(chart)
  await drawn(chart)
})
