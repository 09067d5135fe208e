import { beforeEach, expect, test } from 'vitest'
import { userEvent } from 'vitest/browser'
import { all, expectAccessible, find, text, until, usePage } from '../../testing/page.js'

const page = usePage()
beforeEach(() => {
  page.collector.metrics.set('runs', {
    groups: ['a', 'b', 'c', 'd'].map((type) => ({ type })),
    stepMs: 60_000,
    unit: '1',
    signal: (_, g) => [50, 25, 15, 10][g],
  })
})
const show = (attributes: Record<string, string> = {}) =>
  page.show('metric-pie', { metric: 'runs', 'group-by': 'type', title: 'Runs', ...attributes })

test('shares of the total, the rest folded, and the middle says what is pointed at', async () => {
  const pie = show({ limit: '2' })
  await until(() => all(pie, 'path.mark').length === 3)
  expect(text(pie, '.middle')).toBe('100 Total')
  expect(text(pie, '.legend')).toBe('a50 50% b25 25% Other25 25%')
  await userEvent.hover(all(pie, '.legend .row')[0])
  await until(() => text(pie, '.middle') === '50 a · 50%')
  await expectAccessible(pie)
})

test('the legend hides a share, shows one alone, and all again', async () => {
  const pie = show()
  await until(() => all(pie, 'path.mark').length === 4)
  const entry = (at: number) => all(pie, '.legend .row')[at]!
  await userEvent.click(entry(0))
  await until(() => all(pie, 'path.mark').length === 3)
  expect(text(pie, '.legend')).toBe('a50 b25 50% c15 30% d10 20%')
  expect(entry(0).getAttribute('aria-pressed')).toBe('false')
  await expectAccessible(pie)
  await userEvent.dblClick(entry(2))
  await until(() => all(pie, 'path.mark').length === 1)
  expect(text(pie, '#summary')).toBe('c: 15, 100%')
  entry(2).focus()
  await userEvent.keyboard('{Alt>}{Enter}{/Alt}')
  await until(() => all(pie, 'path.mark').length === 4)
})

test('keys walk and speak, Enter selects', async () => {
  const pie = show({ type: 'pie' })
  await until(() => all(pie, 'path.mark').length === 4)
  expect(find(pie, '.middle')).toBeNull()
  let chosen: unknown
  pie.addEventListener('metric-select', ({ detail }) => {
    chosen = detail.series.tags
  })
  // The pointer of the test before may rest on the ring.
  await userEvent.hover(find(pie, 'h3')!)
  find(pie, '.ring')!.focus()
  await userEvent.keyboard('{ArrowRight}{ArrowRight}{Enter}')
  await until(() => text(pie, '[aria-live]') === 'b: 25, 25%')
  expect(chosen).toEqual({ type: 'b' })
})

test('one share is a full ring; shares are in files', async () => {
  page.collector.metrics.get('runs')!.groups = [{ type: 'a' }]
  const pie = show()
  await until(() => all(pie, 'path.mark').length === 1)
  expect(find(pie, 'path.mark')!.getBoundingClientRect().width).toBeGreaterThan(100)
  expect(JSON.parse(await (await pie.export('json')).text()).rows).toEqual([{ type: 'a', sum: 50, Share: 1 }])
})
