/** Helpers of the browser tests: a page over a fake collector, ways to look into a tag, and axe. */
import axe from 'axe-core'
import type { LitElement } from 'lit'
import { afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { userEvent } from 'vitest/browser'
import { FakeCollector } from './fake-collector.js'
import '../index.js'

export interface TestPage {
  collector: FakeCollector
  /** Puts markup under a provider and gives the first element of that tag. */
  show<Name extends keyof HTMLElementTagNameMap>(
    tag: Name,
    attributes?: Record<string, string>,
  ): HTMLElementTagNameMap[Name]
}

const groups = [{ 'task.type': 'email' }, { 'task.type': 'report' }]

/** A fresh collector and an empty page before each test; both go away after it. */
export function usePage(): TestPage {
  const page = { show } as unknown as TestPage
  let uninstall: () => void
  beforeAll(leavePage)
  beforeEach(() => {
    page.collector = new FakeCollector()
    page.collector.metrics.set('latency', {
      groups,
      stepMs: 5_000,
      unit: 'ms',
      signal: (_, group) => (group === 0 ? 120 : 2400),
    })
    uninstall = page.collector.install()
  })
  afterEach(() => {
    document.body.replaceChildren()
    uninstall()
  })
  return page
}

/** The pointer rests where the tests before left it; a tag under it would be hovered. */
async function leavePage(): Promise<void> {
  const corner = document.body.appendChild(document.createElement('div'))
  Object.assign(corner.style, { position: 'fixed', inset: 'auto 0 0 auto', width: '9px', height: '9px' })
  await userEvent.hover(corner)
  corner.remove()
}

function show(tag: string, attributes: Record<string, string> = {}): HTMLElement {
  const provider = document.createElement('metric-provider')
  provider.setAttribute('endpoint', 'http://collector.test')
  provider.setAttribute('token', 'secret')
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  provider.append(element)
  document.body.append(provider)
  return element
}

export const all = (element: Element, selector: string): HTMLElement[] => [
  ...element.shadowRoot!.querySelectorAll<HTMLElement>(selector),
]
export const find = (element: Element, selector: string): HTMLElement | null =>
  element.shadowRoot!.querySelector<HTMLElement>(selector)

/** What the tag says, as one line. */
export function text(element: Element, selector = '.card'): string {
  return (find(element, selector)?.textContent ?? '').replace(/\s+/g, ' ').trim()
}

export async function until(check: () => unknown): Promise<void> {
  await expect.poll(check, { timeout: 5_000 }).toBeTruthy()
}

export async function expectAccessible(element: LitElement): Promise<void> {
  await element.updateComplete
  const { violations } = await axe.run(element)
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([])
}
