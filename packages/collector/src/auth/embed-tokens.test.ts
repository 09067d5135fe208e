import { EmbedTokenRequest } from '@telltale/protocol/api'
import { SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { EmbedTokens } from './embed-tokens.js'

const secret = new Uint8Array(32).fill(7)
const start = Date.UTC(2026, 0, 15, 12)
const minuteMs = 60_000

function setUp() {
  const state = { version: 0, revoked: new Set<string>(), keys: new Set(['key_1']), nowMs: start }
  const tokens = new EmbedTokens({
    store: {
      version: () => String(state.version),
      projectById: (id) => (id === 1 ? { id, name: 'shop' } : undefined),
      isKeyInForce: (id) => state.keys.has(id),
      isTokenRevoked: (_project, id) => state.revoked.has(id),
    },
    secret,
    hash: (text) => text,
    parseDurationMs: (text) => Number.parseFloat(text) * { s: 1000, m: minuteMs, h: 60 * minuteMs }[text.slice(-1)]!,
    now: () => state.nowMs,
  })
  return { state, tokens }
}

const request = (part: object = {}) => EmbedTokenRequest.parse({ metrics: ['task.*'], ...part })
const code = (expected: string) => expect.objectContaining({ code: expected })

/** A token with our signature, whatever it says. */
function forged(
  claims: object,
  { alg = 'HS256', key = secret, aud = 'telltale-embed', iss = 'telltale', sub = '1', lifeS = 600 } = {},
) {
  const view = { metrics: ['*'], filters: {}, dashboards: [], edit: false }
  return new SignJWT({ view, ...claims })
    .setProtectedHeader({ alg })
    .setIssuer(iss)
    .setAudience(aud)
    .setSubject(sub)
    .setJti('id')
    .setIssuedAt(start / 1000)
    .setExpirationTime(start / 1000 + lifeS)
    .sign(key)
}

describe('what is refused', () => {
  it.each<[string, () => Promise<string> | string]>([
    ['no token at all', () => 'a.b.c'],
    ['one without a signature', () => new UnsecuredJWT({ view: { metrics: ['*'] } }).setSubject('1').encode()],
    ['another signature', () => forged({}, { key: new Uint8Array(32).fill(8) })],
    ['another algorithm', () => forged({}, { alg: 'HS512', key: new Uint8Array(64).fill(7) })],
    ['another audience', () => forged({}, { aud: 'somebody' })],
    ['another issuer', () => forged({}, { iss: 'somebody' })],
    ['claims that cannot be read', () => forged({ view: { metrics: 'task.*' } })],
    ['no claims', () => forged({ view: undefined })],
    ['claims of a later version', () => forged({ view: { metrics: ['*'], rows: 'all' } })],
    ['a range that cannot be read', () => forged({ view: { metrics: ['*'], max_range: 'long' } })],
    ['a project that is gone', () => forged({}, { sub: '2' })],
    ['a life longer than a day', () => forged({}, { lifeS: 100_000 })],
    ['twenty thousand characters', () => `${'a'.repeat(20_000)}.b.c`],
  ])('%s', async (_name, token) => {
    const { tokens } = setUp()
    await expect(tokens.verify(await token())).rejects.toEqual(code('unauthorized'))
  })

  it('a token whose time is over, also when it was seen before', async () => {
    const { state, tokens } = setUp()
    const { token } = await tokens.issue(1, request({ ttl: '1m' }))
    await tokens.verify(token)
    state.nowMs += minuteMs
    await expect(tokens.verify(token)).rejects.toEqual(code('token_expired'))
    await expect(setUp().tokens.verify(token)).resolves.toBeDefined()
  })

  it('a token that was revoked, or whose key was, and ends its streams', async () => {
    for (const revoke of ['token', 'key'] as const) {
      const { state, tokens } = setUp()
      const { token, id } = await tokens.issue(1, request(), 'key_1')
      const principal = await tokens.verify(token)
      if (revoke === 'token') state.revoked.add(id)
      else state.keys.clear()
      state.version++
      tokens.refresh()
      expect(principal.expiresMs).toBe(0)
      await expect(tokens.verify(token)).rejects.toEqual(code('unauthorized'))
    }
  })

  it('a life or a range that cannot be', async () => {
    const { tokens } = setUp()
    for (const part of [{ ttl: '25h' }, { ttl: '0s' }, { max_range: '0s' }]) {
      await expect(tokens.issue(1, request(part))).rejects.toEqual(code('invalid_request'))
    }
  })
})

it('sees what it was made for', async () => {
  const { tokens } = setUp()
  const { token, expiresMs } = await tokens.issue(1, request({ filters: { 'org.id': 'acme' }, max_range: '1h' }))
  expect(expiresMs).toBe(start + 15 * minuteMs)
  expect(await tokens.verify(token)).toMatchObject({
    project: 1,
    projectName: 'shop',
    scopes: new Set(['read']),
    expiresMs,
    view: {
      metrics: ['task.*'],
      filters: { 'org.id': 'acme' },
      maxRangeMs: 60 * minuteMs,
      dashboards: [],
      annotations: false,
    },
  })
})

it('gives equal views one key, and others another', async () => {
  const { tokens } = setUp()
  const keyOf = async (part: object) => (await tokens.verify((await tokens.issue(1, request(part))).token)).viewKey
  expect(await keyOf({ filters: { 'org.id': 'acme' } })).toBe(await keyOf({ filters: { 'org.id': 'acme' } }))
  expect(await keyOf({ filters: { 'org.id': 'acme' } })).not.toBe(await keyOf({ filters: { 'org.id': 'globex' } }))
  expect(await keyOf({})).not.toBe(await keyOf({ max_range: '1h' }))
})

it('edits boards only where it was made to', async () => {
  const { tokens } = setUp()
  const scopesOf = async (part: object) => (await tokens.verify((await tokens.issue(1, request(part))).token)).scopes
  expect((await scopesOf({})).has('edit')).toBe(false)
  expect([...(await scopesOf({ edit: true }))].sort()).toEqual(['edit', 'read'])
})
