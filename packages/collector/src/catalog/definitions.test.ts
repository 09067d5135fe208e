import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DefinitionInput } from '@telltale/protocol/api'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Catalog } from './catalog.js'

let dataDir: string
let nowMs: number
let catalog: Catalog

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'telltale-definitions-'))
  nowMs = 1_000_000
  catalog = open()
  catalog.ensureProject('shop')
  catalog.ensureProject('blog')
})

afterEach(() => {
  catalog.close()
  rmSync(dataDir, { recursive: true })
})

const open = () => new Catalog({ dataDir, now: () => nowMs })
const input = (parts: Record<string, unknown> = {}) =>
  DefinitionInput.parse({ name: 'orders.value', kind: 'gauge', unit: 'EUR', ...parts })
const unitAt = (timeMs: number) => catalog.definitions.at(1, timeMs).get('orders.value')?.unit

describe('edits', () => {
  it('refuses a second definition of a name, edits of an older version, and what is not there', () => {
    const { definitions } = catalog
    expect(definitions.create(1, input())).toMatchObject({
      id: 'orders.value',
      version: 1,
      attributes: null,
      bounds: {},
    })
    expect(() => definitions.create(1, input())).toThrowError(expect.objectContaining({ code: 'conflict' }))
    expect(definitions.replace(1, input({ unit: 'USD' }), [1]).version).toBe(2)
    for (const edit of [() => definitions.replace(1, input(), [1]), () => definitions.remove(1, 'orders.value', [1])]) {
      expect(edit).toThrowError(
        expect.objectContaining({
          code: 'precondition_failed',
          details: { current: expect.objectContaining({ unit: 'USD', version: 2 }) },
        }),
      )
    }
    for (const edit of [() => definitions.get(2, 'orders.value'), () => definitions.remove(2, 'orders.value')]) {
      expect(edit).toThrowError(expect.objectContaining({ code: 'unknown_definition' }))
    }
    definitions.remove(1, 'orders.value')
    expect(() => definitions.get(1, 'orders.value')).toThrowError('not defined')
    expect(definitions.list(1)).toEqual([])
    // A tag of the first one does not fit the one that comes after it.
    expect(definitions.create(1, input()).version).toBe(4)
  })

  it('lists by name, each project its own', () => {
    for (const name of ['b', 'a']) catalog.definitions.create(1, input({ name }))
    catalog.definitions.create(2, input({ name: 'c' }))
    expect(catalog.definitions.list(1).map(({ name }) => name)).toEqual(['a', 'b'])
    expect(catalog.definitions.list(2).map(({ name }) => name)).toEqual(['c'])
  })
})

describe('what was in force', () => {
  it('is known for any time, also after a restart, and also within one millisecond', () => {
    const times = [nowMs]
    catalog.definitions.create(1, input({ unit: 'A' }))
    catalog.definitions.replace(1, input({ unit: 'B' }))
    nowMs += 10_000
    times.push(nowMs)
    catalog.definitions.remove(1, 'orders.value')
    times.push(nowMs + 1)
    for (let restart = 0; restart < 2; restart++) {
      expect(times.map(unitAt)).toEqual([undefined, 'B', undefined])
      expect([1_000_001, 1_000_002].map(unitAt)).toEqual(['A', 'B'])
      catalog.close()
      catalog = open()
    }
  })

  it('is forgotten after a week, but for the last version', () => {
    catalog.definitions.create(1, input({ unit: 'A' }))
    catalog.definitions.replace(1, input({ unit: 'B' }))
    nowMs += 8 * 86_400_000
    catalog.close()
    catalog = open()
    expect([unitAt(1_000_001), unitAt(nowMs)]).toEqual([undefined, 'B'])
    expect(catalog.definitions.replace(1, input({ unit: 'C' }), [2]).version).toBe(3)
  })
})

it('brings a catalog of the version before up to date', () => {
  catalog.close()
  const db = new Database(join(dataDir, 'catalog.db'))
  for (const table of ['definitions', 'dashboard_versions', 'dashboards', 'revoked_tokens', 'retention', 'annotations'])
    db.exec(`DROP TABLE ${table}`)
  db.pragma('user_version = 1')
  db.close()
  catalog = open()
  expect(catalog.project('shop')?.id).toBe(1)
  expect(catalog.definitions.create(1, input()).version).toBe(1)
})
