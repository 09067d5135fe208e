import { expect, test } from 'vitest'
import { configure } from '../../client/configure.js'
import { find, text, until, usePage } from '../../testing/page.js'

usePage()

function chart(): HTMLElement {
  const element = document.createElement('metric-card')
  element.setAttribute('metric', 'latency')
  return element
}

test('a tag without a provider uses configure(), also when that comes later', async () => {
  const card = chart()
  document.body.append(card)
  await until(() => text(card, '.state').includes('No token'))
  configure({ endpoint: 'http://collector.test', token: 'secret' })
  await until(() => text(card, '.value') === '120ms')
  configure({})
})

test('a provider reaches through shadow roots', async () => {
  const provider = document.createElement('metric-provider')
  Object.assign(provider, { endpoint: 'http://collector.test', token: 'secret' })
  const host = document.createElement('div')
  const card = chart()
  host.attachShadow({ mode: 'closed' }).append(card)
  provider.append(host)
  document.body.append(provider)
  await until(() => text(card, '.value') === '120ms')
})

test('getToken is asked, and asked again after a refusal', async () => {
  const provider = document.createElement('metric-provider')
  let calls = 0
  Object.assign(provider, {
    endpoint: 'http://collector.test',
    getToken: async () => (++calls === 1 ? 'expired' : 'secret'),
  })
  const card = chart()
  provider.append(card)
  document.body.append(provider)
  await until(() => text(card, '.value') === '120ms')
  expect(calls).toBeGreaterThan(1)
})

test('an endpoint that is no URL says so', async () => {
  const provider = document.createElement('metric-provider')
  provider.setAttribute('endpoint', 'ftp://host')
  const card = chart()
  provider.append(card)
  document.body.append(provider)
  await until(() => text(card, '.state').includes('must start with http'))
  expect(find(card, '.action')).not.toBeNull()
})
