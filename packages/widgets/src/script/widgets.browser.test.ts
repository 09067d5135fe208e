import { afterEach, expect, test, vi } from 'vitest'
import { FirstUse } from './first-use.js'

afterEach(() => document.body.replaceChildren())

const isUpgraded = (element: Element) => element.matches(':defined')

test('a tag that most pages lack is loaded when it stands in the document, in a shadow root, or in one that comes later', async () => {
  document.body.innerHTML = '<metric-heatmap></metric-heatmap><late-host></late-host><div></div>'
  const [heatmap, host, div] = document.body.children
  const { load } = await import('./widgets.js')
  expect(
    [
      'metric-provider',
      'metric-series',
      'metric-chart',
      'metric-card',
      'metric-bar',
      'metric-pie',
      'metric-gauge',
    ].filter((tag) => !customElements.get(tag)),
  ).toEqual([])
  await expect.poll(() => isUpgraded(heatmap!)).toBe(true)
  expect(customElements.get('task-table')).toBeUndefined()

  customElements.define(
    'late-host',
    class extends HTMLElement {
      connectedCallback() {
        this.attachShadow({ mode: 'open' })
      }
    },
  )
  await expect.poll(() => host!.shadowRoot).not.toBeNull()
  const tasks = document.createElement('task-table')
  setTimeout(() => host!.shadowRoot!.append(tasks))
  await expect.poll(() => isUpgraded(tasks)).toBe(true)

  const around = document.createElement('section')
  const table = around.attachShadow({ mode: 'open' }).appendChild(document.createElement('metric-table'))
  div!.append(around)
  await expect.poll(() => isUpgraded(table)).toBe(true)

  expect(customElements.get('metric-dashboard')).toBeUndefined()
  const closed = div!.attachShadow({ mode: 'closed' }).appendChild(document.createElement('metric-dashboard'))
  await load('metric-dashboard')
  expect(isUpgraded(closed)).toBe(true)
  expect(
    ['range-picker', 'refresh-picker', 'tag-filter', 'board-text'].filter((tag) => !customElements.get(tag)),
  ).toEqual([])
  await expect(load('metric-cart')).rejects.toThrow('There is no tag <metric-cart>')
})

test('what was set on an element before its code came is kept', async () => {
  const { load } = await import('./widgets.js')
  const explorer = Object.assign(document.createElement('metric-explorer'), { metric: 'task.execution.duration' })
  document.body.append(explorer)
  await load('metric-explorer')
  await expect.poll(() => isUpgraded(explorer) && explorer.metric).toBe('task.execution.duration')
})

test('a part that does not come is asked for again', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  let asked = 0
  const watch = new FirstUse({
    'some-tag': async () => {
      if (++asked === 1) throw new TypeError('Failed to fetch')
    },
  })
  watch.watch(document)
  document.body.append(document.createElement('some-tag'), document.createElement('some-tag'))
  await expect.poll(() => asked, { timeout: 5000 }).toBe(2)
  expect(warn).toHaveBeenCalledTimes(1)
  watch.stop()
  document.body.append(document.createElement('some-tag'))
  warn.mockRestore()
})
