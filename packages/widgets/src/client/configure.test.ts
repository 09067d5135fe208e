import { expect, test, vi } from 'vitest'
import { parseDurationMs } from './clock.js'
import { configure, onConfigure, pageOptions, resolveEndpoint } from './configure.js'
import { Credential } from './credential.js'

test.each(['ftp://host', 'http://', '::'])('endpoint %s is refused by name', (endpoint) => {
  expect(() => configure({ endpoint })).toThrow(/endpoint/)
})

test('a getToken that is no function is refused', () => {
  expect(() => configure({ getToken: 'token' as unknown as () => string })).toThrow(/getToken/)
})

test('an endpoint keeps its path and loses its last slash', () => {
  expect(resolveEndpoint('https://host/telltale/')).toBe('https://host/telltale')
})

test('tags hear of a change', () => {
  const heard = vi.fn()
  const stop = onConfigure(heard)
  configure({ token: 'a' })
  stop()
  configure({ token: 'b' })
  expect(heard).toHaveBeenCalledTimes(1)
  expect(pageOptions().token).toBe('b')
})

test('getToken is called once by callers at the same time, and again after a refusal', async () => {
  let n = 0
  const credential = new Credential(undefined, async () => `t${++n}`)
  expect(await Promise.all([credential.get(), credential.get()])).toEqual(['t1', 't1'])
  credential.refuse('an older one')
  expect(await credential.get()).toBe('t1')
  credential.refuse('t1')
  expect(await credential.get()).toBe('t2')
})

test('durations', () => {
  expect(['500ms', '5s', '1.5h', '30d'].map(parseDurationMs)).toEqual([500, 5000, 5_400_000, 2_592_000_000])
  expect(['', '5', 'h', '-5s', '5 s'].map(parseDurationMs)).toEqual(Array(5).fill(Number.NaN))
})
