/**
 * How tags look, beside pictures of when somebody looked at them and was pleased. Time stands still, nothing moves, and texts
 * are not painted: fonts differ from machine to machine, shapes and colours must not. To renew pictures that are meant to
 * change, run with `--update` and look at each.
 */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { page as screen, userEvent } from 'vitest/browser'
import { find, until, usePage } from './page.js'

const page = usePage()
/** About a line's length of pixels in a picture of this size: enough for edges, too little for a shape. */
const tolerance = { comparatorName: 'pixelmatch', comparatorOptions: { allowedMismatchedPixelRatio: 0.004 } } as const

const types = ['email', 'report', 'image', 'search'].map((type) => ({ 'task.type': type }))

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 15, 12, 0, 30), toFake: ['Date'] })
  const { metrics } = page.collector
  metrics.set('runs', { groups: types, stepMs: 60_000, unit: '1', signal: (_, g) => [420, 310, 200, 90][g] })
  metrics.set('share', { groups: [{}], stepMs: 60_000, unit: 'ratio', signal: () => 0.86 })
  metrics.set('waves', {
    groups: types.slice(0, 3),
    stepMs: 60_000,
    unit: 'ms',
    // A hole of ten minutes in the second: a gap, not a fall.
    signal: (timeMs, g) => {
      const minute = timeMs / 60_000
      return g === 1 && minute % 60 > 20 && minute % 60 < 30 ? null : 100 + 60 * g + 40 * Math.sin(minute / 7 + g)
    },
  })
})

afterEach(() => {
  vi.useRealTimers()
})

/** Elsewhere there are no pictures to compare with. */
const isLinux = navigator.platform.startsWith('Linux')

const waves = { metric: 'waves', range: '1h', title: 'Waves' }
const split = { ...waves, 'group-by': 'task.type' }
const runs = { metric: 'runs', aggregation: 'sum', 'group-by': 'task.type', title: 'Runs' }

const looks = [
  ['line', 'metric-chart', { ...split, thresholds: '240:critical' }, 'canvas'],
  ['area', 'metric-chart', { ...split, type: 'area' }, 'canvas'],
  ['stacked', 'metric-chart', { ...split, type: 'stacked' }, 'canvas'],
  ['stacked-bars', 'metric-chart', { ...split, type: 'bar' }, 'canvas'],
  ['scatter', 'metric-chart', { ...split, type: 'scatter' }, 'canvas'],
  ['bars', 'metric-bar', runs, 'rect.mark'],
  ['columns', 'metric-bar', { ...runs, orientation: 'vertical' }, 'rect.mark'],
  ['pie', 'metric-pie', { ...runs, title: 'Shares' }, 'path.mark'],
  ['gauge', 'metric-gauge', { metric: 'share', title: 'Disk', thresholds: '0.8:warning,0.95:critical' }, '.needle'],
  ['heatmap', 'metric-heatmap', { metric: 'waves', range: '1h', step: '2m', title: 'Spread' }, 'canvas'],
  ['card', 'metric-card', { ...waves, aggregation: 'avg' }, 'svg path'],
  ['table', 'metric-table', { ...split, trend: '' }, 'td .spark path'],
] as const

const cases = looks.flatMap((look) => [[...look, 'light'] as const, [...look, 'dark'] as const])

test.runIf(isLinux).each(cases)('%s', async (name, tag, attributes, drawn, theme) => {
  const element = page.show(tag, { ...attributes, theme })
  // A narrow table has no room for trends.
  Object.assign(element.style, { inlineSize: tag === 'metric-table' ? '640px' : '400px', blockSize: '240px' })
  element.style.setProperty('--telltale-ink-muted', 'transparent')
  const still = new CSSStyleSheet()
  still.replaceSync(
    '*, *::before { animation: none !important; transition: none !important; -webkit-text-fill-color: transparent } text { fill: transparent !important }',
  )
  element.shadowRoot!.adoptedStyleSheets.push(still)
  await until(() => find(element, drawn))
  await element.updateComplete
  // Wherever the pointer was before, it must not rest on the tag.
  const corner = document.body.appendChild(document.createElement('div'))
  Object.assign(corner.style, { position: 'fixed', inset: 'auto 0 0 auto', width: '9px', height: '9px' })
  await userEvent.hover(corner)
  await expect.element(screen.elementLocator(element)).toMatchScreenshot(`${name}-${theme}`, tolerance)
})
