import { mkdtempSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, describe, expect, it } from 'vitest'
import { Catalog } from './catalog.js'
import { base62, newSecret, secretHash } from './keys.js'

const open: Catalog[] = []

function catalog(dataDir = mkdtempSync(join(tmpdir(), 'telltale-catalog-')), now = () => 1000) {
  const made = new Catalog({ dataDir, now })
  open.push(made)
  return { catalog: made, dataDir }
}

afterEach(() => {
  for (const made of open.splice(0)) made.close()
})

describe('refusals', () => {
  it('takes no odd project names and no publishable keys that can read', () => {
    const { catalog: one } = catalog()
    for (const name of ['', '../x', 'a b', '-x', 'x'.repeat(65)]) {
      expect(() => one.createKey(name, 'read')).toThrowError(expect.objectContaining({ code: 'invalid_request' }))
    }
    expect(() => one.createKey('shop', 'read', true)).toThrowError('publishable')
    expect(one.projects()).toEqual([])
  })

  it('does not open a file of a newer version', () => {
    const { catalog: one, dataDir } = catalog()
    one.close()
    const db = new Database(join(dataDir, 'catalog.db'))
    db.pragma('user_version = 999')
    db.close()
    expect(() => new Catalog({ dataDir })).toThrowError('newer version')
  })

  it('finds no key that was revoked or never made', () => {
    const { catalog: one } = catalog()
    const key = one.createKey('shop', 'read')
    expect(one.revokeKey(key.id)).toBe(true)
    expect(one.revokeKey(key.id)).toBe(false)
    expect(one.revokeKey('key_unknown')).toBe(false)
    expect(one.findKey(secretHash(key.secret))).toBeUndefined()
    expect(one.findKey(secretHash('tt_read_guess'))).toBeUndefined()
  })
})

describe('keys', () => {
  it('makes the project with its first key', () => {
    const { catalog: one } = catalog()
    const key = one.createKey('shop', 'ingest')
    expect(key.secret).toMatch(/^tt_ingest_[0-9A-Za-z]{43}$/)
    expect(one.findKey(secretHash(key.secret))).toEqual({
      keyId: key.id,
      project: one.project('shop')?.id,
      projectName: 'shop',
      scope: 'ingest',
      publishable: false,
    })
    expect(one.createKey('shop', 'ingest', true).secret).toMatch(/^pk_/)
    expect(one.projects()).toHaveLength(1)
  })

  it('keeps no secret, in a folder and file that only this user reads', () => {
    const { catalog: one, dataDir } = catalog(join(mkdtempSync(join(tmpdir(), 'telltale-')), 'new'))
    const { secret } = one.createKey('shop', 'read')
    one.close()
    expect(readFileSync(join(dataDir, 'catalog.db')).includes(secret)).toBe(false)
    expect(statSync(dataDir).mode & 0o777).toBe(0o700)
    expect(statSync(join(dataDir, 'catalog.db')).mode & 0o777).toBe(0o600)
  })

  it('lists by project, with the last use once it is written down', () => {
    const { catalog: one } = catalog()
    const key = one.createKey('shop', 'read')
    one.createKey('other', 'read')
    one.noteUse(key.id)
    expect(one.keys('shop')).toMatchObject([{ id: key.id, lastUsedMs: null }])
    one.flushUsage()
    expect(one.keys('shop')).toMatchObject([{ id: key.id, lastUsedMs: 1000 }])
    expect(one.keys()).toHaveLength(2)
  })
})

it('forgets a key that was made for one use', () => {
  const { catalog: one } = catalog()
  const key = one.createKey('shop', 'read')
  one.forgetKey(key.id)
  expect([one.keys(), one.findKey(secretHash(key.secret))]).toEqual([[], undefined])
})

it('shows changes of another process through its version', () => {
  const { catalog: one, dataDir } = catalog()
  const { catalog: two } = catalog(dataDir)
  const before = one.version()
  expect(one.version()).toBe(before)
  const key = two.createKey('shop', 'read')
  const between = one.version()
  expect(between).not.toBe(before)
  expect(one.findKey(secretHash(key.secret))).toBeDefined()
  two.revokeKey(key.id)
  expect(one.version()).not.toBe(between)
  expect(one.findKey(secretHash(key.secret))).toBeUndefined()
})

it('keeps facts', () => {
  const { catalog: one, dataDir } = catalog()
  expect(one.fact('admission')).toBeUndefined()
  one.setFact('admission', 'a')
  one.setFact('admission', 'b')
  one.close()
  expect(catalog(dataDir).catalog.fact('admission')).toBe('b')
})

it('writes 256 bits as 43 digits', () => {
  expect(base62(new Uint8Array(32))).toBe('0'.repeat(43))
  expect(base62(new Uint8Array(32).fill(255))).toHaveLength(43)
  expect(new Set(Array.from({ length: 100 }, () => newSecret('read'))).size).toBe(100)
})
