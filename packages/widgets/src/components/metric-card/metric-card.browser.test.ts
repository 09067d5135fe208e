import { expect, test } from 'vitest'
import { userEvent } from 'vitest/browser'
import { expectAccessible, find, text, until, usePage } from '../../testing/page.js'

const page = usePage()
const show = (attributes: Record<string, string> = {}) =>
  page.show('metric-card', { metric: 'latency', title: 'Latency', range: '15m', interval: '1s', ...attributes })

test('loading, then a value with its unit, no change, and a sparkline', async () => {
  const card = show()
  await card.updateComplete
  expect(find(card, '[role=status]')).not.toBeNull()
  await until(() => text(card, '.value') === '120ms')
  expect(text(card, '.trend')).toBe('no change vs. previous 15m')
  await until(() => find(card, '.spark .line'))
  await expectAccessible(card)
})

test('a rise is bad news where down is better', async () => {
  page.collector.metrics.get('latency')!.signal = (t) => (Date.now() - t < 900_000 ? 150 : 100)
  const card = show({ better: 'down', 'compare-to': '15m' })
  await until(() => /\+50%/.test(text(card, '.trend')))
  expect(find(card, '.delta')!.classList).toContain('bad')
  expect(text(card, '.trend')).toContain('vs. 15m earlier')
  await expectAccessible(card)
})

test('the value is asked again', async () => {
  const card = show()
  await until(() => text(card, '.value') === '120ms')
  page.collector.metrics.get('latency')!.signal = () => 80
  await until(() => text(card, '.value') === '80ms')
})

test('an unknown metric is empty', async () => {
  const card = show({ metric: 'orders' })
  await until(() => text(card, '.state').startsWith('Nothing in the last 15m'))
  await expectAccessible(card)
})

test('an attribute that makes no sense says so', async () => {
  const card = show({ 'compare-to': 'before' })
  await until(() => text(card, '.state').includes('compare-to="before"'))
})

test('a refused token is an error, and Try again tries', async () => {
  page.collector.token = 'other'
  const card = show()
  await until(() => text(card, '.state').includes('token is not known'))
  await expectAccessible(card)
  page.collector.token = 'secret'
  await userEvent.click(find(card, '.action')!)
  await until(() => text(card, '.value') === '120ms')
})

test('a lost collector leaves the value, says so, and the card recovers', async () => {
  const card = show()
  await until(() => text(card, '.value') === '120ms')
  page.collector.stop()
  await until(() => text(card, '.badge').startsWith('No connection'))
  expect(text(card, '.value')).toBe('120ms')
  await expectAccessible(card)
  page.collector.start()
  await until(() => !find(card, '.badge'))
})
