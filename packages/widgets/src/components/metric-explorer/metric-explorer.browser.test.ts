import { expect, test, vi } from 'vitest'
import { userEvent } from 'vitest/browser'
import { all, expectAccessible, find, text, until, usePage } from '../../testing/page.js'
import type { ExploreDetail } from './metric-explorer.component.js'

const page = usePage()

test('pick a metric by keys, split, filter, and take the tag', async () => {
  page.collector.metrics.set('memory', { groups: [{}], stepMs: 5_000, unit: 'By', signal: () => 1e6 })
  const explorer = page.show('metric-explorer')
  let last: ExploreDetail | undefined
  explorer.addEventListener('explore-change', ({ detail }) => {
    last = detail
  })
  await until(() => all(explorer, '.entry').length === 2)
  await expectAccessible(explorer)
  all(explorer, '.entry')[0].focus()
  await userEvent.keyboard('{ArrowDown}{Enter}')
  await until(() => text(explorer, 'code').includes('metric="memory"'))
  await userEvent.keyboard('{ArrowUp}{Enter}')
  await until(() => find(explorer, 'metric-chart')?.getAttribute('metric') === 'latency')
  await userEvent.click(find(explorer, '.chip[aria-pressed]')!)
  await userEvent.fill(find(explorer, '.filter input')!, 'em')
  await until(() => find(explorer, 'datalist option')?.getAttribute('value') === 'email')
  await userEvent.fill(find(explorer, '.filter input')!, 'email')
  await userEvent.keyboard('{Enter}')
  await until(() => text(explorer, '.chip.on').startsWith('task.type = email'))
  expect(last!.html).toBe(
    '<metric-chart metric="latency" aggregation="avg" group-by="task.type" filters="task.type=email" range="1h"></metric-chart>',
  )
  const write = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue()
  await userEvent.click(find(explorer, '.copy')!)
  await until(() => text(explorer, '.copy') === 'Copied')
  expect(write).toHaveBeenCalledWith(last!.html)
  await expectAccessible(explorer)
})

test.each([
  ['ranking', 'metric-bar'],
  ['pie', 'metric-pie'],
  ['heatmap', 'metric-heatmap'],
  ['table', 'metric-table'],
  ['gauge', 'metric-gauge'],
  ['card', 'metric-card'],
] as const)('seen as %s', async (view, tag) => {
  const explorer = page.show('metric-explorer', { metric: 'latency', view })
  await until(() => find(explorer, tag))
  expect(text(explorer, 'code')).toMatch(new RegExp(`^<${tag} metric="latency"`))
})

test('a search that finds nothing says so; a refused token is an error', async () => {
  const explorer = page.show('metric-explorer')
  await until(() => find(explorer, '.entry'))
  await userEvent.fill(find(explorer, '.find input')!, 'zzz')
  await until(() => text(explorer, '.note') === 'No metric matches.')
  page.collector.token = 'other'
  const refused = page.show('metric-explorer')
  await until(() => text(refused, '.state').includes('token is not known'))
  await expectAccessible(refused)
})
