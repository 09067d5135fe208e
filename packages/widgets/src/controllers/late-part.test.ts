import type { LitElement } from 'lit'
import { expect, test } from 'vitest'
import { LatePart } from './late-part.js'

function hostOf() {
  const host = { updates: 0, addController: () => undefined, requestUpdate: () => void host.updates++ }
  return host
}

test('nothing is asked for before the tag stands in a page, and then once', async () => {
  const host = hostOf()
  let asked = 0
  const part = new LatePart(host as unknown as LitElement, async () => ++asked)
  await part.settled
  expect(asked).toBe(0)
  expect(part.state).toEqual({ phase: 'loading' })
  part.hostConnected()
  part.hostConnected()
  await part.settled
  expect([part.value, part.state, asked, host.updates]).toEqual([1, undefined, 1, 1])
})

test('a part that does not come is an error, and can be asked for again', async () => {
  const host = hostOf()
  const answers = [() => Promise.reject(new TypeError('Failed to fetch')), () => Promise.resolve('here')]
  const part = new LatePart(host as unknown as LitElement, () => answers.shift()!())
  part.hostConnected()
  await part.load()
  expect(part.state).toMatchObject({ phase: 'error', error: { code: 'not_loaded' } })
  expect(host.updates).toBe(1)
  await part.load()
  expect([part.value, part.state, host.updates]).toEqual(['here', undefined, 2])
})
