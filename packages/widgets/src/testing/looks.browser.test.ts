/** How tags look, beside pictures of when somebody looked at them and was pleased; fonts differ a little from machine to machine. */
import { beforeEach, expect, test } from 'vitest'
import { page as screen, userEvent } from 'vitest/browser'
import { find, until, usePage } from './page.js'

const page = usePage()
const tolerance = { comparatorName: 'pixelmatch', comparatorOptions: { allowedMismatchedPixelRatio: 0.03 } } as const

beforeEach(() => {
  page.collector.metrics.set('runs', {
    groups: ['email', 'report', 'image', 'search'].map((type) => ({ 'task.type': type })),
    stepMs: 60_000,
    unit: '1',
    signal: (_, g) => [420, 310, 200, 90][g],
  })
  page.collector.metrics.set('share', { groups: [{}], stepMs: 60_000, unit: 'ratio', signal: () => 0.86 })
})

/** Elsewhere there are no pictures to compare with. */
const isLinux = navigator.platform.startsWith('Linux')

test.runIf(isLinux).each([
  ['metric-bar', { metric: 'runs', aggregation: 'sum', 'group-by': 'task.type', title: 'Runs' }, 'rect.mark', 'light'],
  [
    'metric-bar',
    { metric: 'runs', aggregation: 'sum', 'group-by': 'task.type', title: 'Runs', orientation: 'vertical' },
    'rect.mark',
    'dark',
  ],
  ['metric-pie', { metric: 'runs', 'group-by': 'task.type', title: 'Shares' }, 'path.mark', 'light'],
  ['metric-gauge', { metric: 'share', title: 'Disk', thresholds: '0.8:warning,0.95:critical' }, '.needle', 'dark'],
] as const)('%s %o', async (tag, attributes, drawn, theme) => {
  const element = page.show(tag, { ...attributes, theme })
  element.style.inlineSize = '480px'
  await until(() => find(element, drawn))
  // Wherever the pointer was before, it must not rest on the tag.
  const corner = document.body.appendChild(document.createElement('div'))
  Object.assign(corner.style, { position: 'fixed', inset: 'auto 0 0 auto', width: '9px', height: '9px' })
  await userEvent.hover(corner)
  // Bars grow into place.
  await new Promise((resolve) => setTimeout(resolve, 500))
  const name = `${tag}-${'orientation' in attributes ? 'vertical' : 'plain'}-${theme}`
  await expect.element(screen.elementLocator(element)).toMatchScreenshot(name, tolerance)
})
