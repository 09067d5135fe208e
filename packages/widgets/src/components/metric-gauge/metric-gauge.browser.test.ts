import { expect, test } from 'vitest'
import { all, expectAccessible, find, text, until, usePage } from '../../testing/page.js'

const page = usePage()
const show = (attributes: Record<string, string> = {}) =>
  page.show('metric-gauge', { metric: 'latency', title: 'Latency', range: '15m', ...attributes })

test('a meter with its value, ends and band', async () => {
  const gauge = show({ thresholds: '100:warning,400:critical', max: '500' })
  await until(() => text(gauge, '.value') === '120ms')
  const meter = find(gauge, '[role=meter]')!
  expect(meter.getAttribute('aria-valuetext')).toBe('120\u202fms, between 0\u202fms and 500\u202fms')
  expect(all(gauge, '.band')).toHaveLength(3)
  expect(find(gauge, '.needle')!.classList).toContain('warning')
  await expectAccessible(gauge)
  expect(JSON.parse(await (await gauge.export('json')).text()).rows[0]).toMatchObject({ avg: 120, Status: 'warning' })
})

test('thresholds that are not understood are an error that names them', async () => {
  const gauge = show({ thresholds: 'high' })
  await until(() => text(gauge, '.state').includes('thresholds="high"'))
  await expectAccessible(gauge)
})
