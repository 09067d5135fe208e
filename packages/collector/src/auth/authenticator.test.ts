import { describe, expect, it } from 'vitest'
import { Authenticator, bearerToken, type Owner } from './authenticator.js'
import { requireScope } from './scopes.js'

class FakeKeys {
  owners = new Map<string, Owner>()
  changes = 0
  lookups = 0
  used: string[] = []
  version = () => String(this.changes)
  noteUse = (keyId: string) => this.used.push(keyId)
  findKey = (hash: string) => {
    this.lookups++
    return this.owners.get(hash)
  }
  set(secret: string, owner: Partial<Owner>) {
    this.changes++
    this.owners.set(`#${secret}`, {
      keyId: `id-${secret}`,
      project: 1,
      projectName: 'shop',
      scope: 'read',
      publishable: false,
      ...owner,
    })
  }
}

function setUp() {
  const keys = new FakeKeys()
  let made = 0
  const auth = new Authenticator({ keys, hash: (secret) => `#${secret}`, newSecret: (scope) => `${scope}-${made++}` })
  return { keys, auth }
}

const code = (expected: string) => expect.objectContaining({ code: expected })

describe('refusals', () => {
  it('refuses unknown, empty and huge credentials', () => {
    const { auth } = setUp()
    for (const secret of ['nobody', '', 'x'.repeat(10_000)]) {
      expect(() => auth.authenticate(secret)).toThrowError(code('unauthorized'))
    }
  })

  it('refuses a key from the moment at which somebody revoked it', () => {
    const { auth, keys } = setUp()
    keys.set('a', {})
    const principal = auth.authenticate('a')
    keys.owners.clear()
    keys.changes++
    expect(() => auth.authenticate('a')).toThrowError(code('unauthorized'))
    // Streams that were opened with it look at this.
    expect(principal.expiresMs).toBe(0)
  })

  it('takes secret keys in no address', () => {
    const { auth, keys } = setUp()
    keys.set('secret', { scope: 'ingest' })
    keys.set('page', { scope: 'ingest', publishable: true })
    expect(() => auth.authenticatePublishable('secret')).toThrowError(code('forbidden'))
    expect(auth.authenticatePublishable('page').projectName).toBe('shop')
  })

  it('reads nothing but Bearer', () => {
    for (const header of [undefined, '', 'Bearer', 'Bearer ', 'Basic abc', 'Bearer a b']) {
      expect(() => bearerToken(header)).toThrowError(code('unauthorized'))
    }
    expect(bearerToken('bearer  abc ')).toBe('abc')
  })
})

describe('scopes', () => {
  it.each([
    ['ingest', ['ingest']],
    ['read', ['read']],
    ['admin', ['admin', 'read', 'ingest']],
  ] as const)('%s allows %j and nothing else', (scope, allowed) => {
    const { auth, keys } = setUp()
    keys.set('a', { scope })
    const principal = auth.authenticate('a')
    for (const needed of ['ingest', 'read', 'admin'] as const) {
      const check = () => requireScope(principal, needed)
      if ((allowed as readonly string[]).includes(needed)) check()
      else
        expect(check).toThrowError(expect.objectContaining({ code: 'forbidden', details: { required_scope: needed } }))
    }
  })
})

it('asks the catalog once, until it changes', () => {
  const { auth, keys } = setUp()
  keys.set('a', {})
  auth.authenticate('a')
  auth.authenticate('a')
  expect(keys.lookups).toBe(1)
  keys.changes++
  auth.authenticate('a')
  auth.authenticate('a')
  expect(keys.lookups).toBe(2)
  expect(new Set(keys.used)).toEqual(new Set(['id-a']))
})

it('grants tokens that live as long as the process', () => {
  const { auth, keys } = setUp()
  const project = { id: 3, name: 'default' }
  const viewer = auth.authenticate(auth.grant('view', project))
  const demo = auth.authenticate(auth.grant('demo', project))
  expect([viewer.project, [...viewer.scopes], [...demo.scopes]]).toEqual([3, ['read', 'edit'], ['ingest']])
  expect(keys.lookups).toBe(0)
})
