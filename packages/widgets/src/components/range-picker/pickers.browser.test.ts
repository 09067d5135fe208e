/** The pickers, and the charts that follow them. */
import { afterEach, expect, test } from 'vitest'
import { userEvent } from 'vitest/browser'
import { all, expectAccessible, find, text, until, usePage } from '../../testing/page.js'
import type { MetricChart } from '../metric-chart/metric-chart.component.js'

const page = usePage()
afterEach(() => history.replaceState(null, '', location.pathname))

const subscriptions = () =>
  page.collector.received.flatMap((frame) => (frame.type === 'subscribe' && 'query' in frame ? [frame] : []))

function showChart(attributes: Record<string, string> = {}): MetricChart {
  return page.show('metric-chart', { metric: 'latency', range: '5m', group: 'ops', ...attributes })
}

test('a range that is picked is followed by every chart of the group, and stands in the address', async () => {
  showChart()
  showChart({ group: 'other' })
  const picker = page.show('range-picker', { group: 'ops', value: '15m', param: 'range' })
  await until(() => subscriptions().some(({ query }) => query.range === '15m'))
  await userEvent.click(find(picker, '.pick')!)
  await until(() => find(picker, '.panel')!.matches(':popover-open'))
  await expectAccessible(picker)
  const details: unknown[] = []
  picker.addEventListener('range-change', (event) => details.push(event.detail))
  await userEvent.keyboard('{ArrowDown}{Enter}')
  await until(() => subscriptions().some(({ query }) => query.range === '1h'))
  expect(details).toEqual([{ range: '1h', start: null, end: null, timeZone: '' }])
  expect(new URL(location.href).searchParams.get('range')).toBe('1h')
  expect(text(picker, '.pick')).toContain('1 hr')
  expect(subscriptions().filter(({ query }) => query.range === '5m').length).toBeGreaterThan(0)
})

test('a fixed window asks the past, in the time zone that is picked; what makes no sense is said', async () => {
  const chart = showChart()
  await until(() => text(chart, '#summary') !== '')
  history.replaceState(
    null,
    '',
    `?t=${encodeURIComponent('2026-01-15T12:00:00.000Z/2026-01-15T13:00:00.000Z@Asia/Tokyo')}`,
  )
  const picker = page.show('range-picker', { group: 'ops', param: 't' })
  await until(() =>
    page.collector.queries.some(({ time_range }) => time_range.start === Date.parse('2026-01-15T12:00:00Z')),
  )
  expect(page.collector.queries.at(-1)!.time_zone).toBe('Asia/Tokyo')
  expect(text(picker, '.pick')).toContain('9:00')
  await userEvent.click(find(picker, '.pick')!)
  const [from, to] = all(picker, 'input[type=datetime-local]') as HTMLInputElement[]
  expect([from.value, to.value]).toEqual(['2026-01-15T21:00', '2026-01-15T22:00'])
  to.value = '2026-01-15T20:00'
  await userEvent.click(find(picker, '.apply')!)
  await until(() => text(picker, '[role=alert]').includes('after'))
  to.value = '2026-01-15T23:30'
  await userEvent.click(find(picker, '.apply')!)
  await until(() => picker.value === '2026-01-15T12:00:00.000Z/2026-01-15T14:30:00.000Z')
})

test('off keeps a chart as it is; another interval is another stream', async () => {
  const chart = showChart()
  await until(() => text(chart, '#summary') !== '')
  const picker = page.show('refresh-picker', { group: 'ops', value: '1m', param: 'every' })
  await until(() => subscriptions().some(({ interval }) => interval === '1m'))
  await expectAccessible(picker)
  await userEvent.selectOptions(find(picker, 'select')!, 'live')
  await until(() => subscriptions().some(({ interval }) => interval === 'live'))
  expect(new URL(location.href).searchParams.get('every')).toBe('live')
  await userEvent.selectOptions(find(picker, 'select')!, 'off')
  await until(() => page.collector.queries.length > 0)
})

test('tags and values are offered as they are typed, and filter the group', async () => {
  showChart({ filters: 'region=eu' })
  const filter = page.show('tag-filter', { group: 'ops', metric: 'latency', param: 'filter' })
  await until(() => find(filter, '.pick'))
  await userEvent.click(find(filter, '.pick')!)
  await until(() =>
    all(filter, '.option')
      .map((each) => each.textContent)
      .includes('task.type'),
  )
  await userEvent.keyboard('{Enter}')
  await until(() => all(filter, '.option').some((each) => each.textContent?.includes('report')))
  await userEvent.keyboard('rep')
  await until(() => all(filter, '.option').length === 1)
  await expectAccessible(filter)
  await userEvent.keyboard('{Enter}')
  await until(() => subscriptions().some(({ query }) => query.filters?.['task.type'] === 'report'))
  expect(subscriptions().at(-1)!.query.filters).toEqual({ region: 'eu', 'task.type': 'report' })
  expect(text(filter, '.chip')).toContain('task.type = report')
  expect(new URL(location.href).searchParams.get('filter')).toBe('task.type=report')
  await userEvent.click(find(filter, '.drop')!)
  await until(() => !find(filter, '.chip'))
  expect(filter.filters).toEqual({})
})
