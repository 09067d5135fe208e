import { describe, expect, test } from 'vitest'
import { decodeBatch } from './decode.js'
import { SchemaCache } from './schema-cache.js'
import { bytesOf, codeOf, events, samples } from './testing/samples.js'

describe('schema sections', () => {
  test('seen before give the same object', () => {
    const schemas = new SchemaCache()
    decodeBatch(bytesOf({ samples }), { schemas })
    const first = decodeBatch(bytesOf({ samples }), { schemas })
    const again = decodeBatch(bytesOf({ sequence: 2, events }), { schemas })
    const other = decodeBatch(bytesOf({ strings: ['latency', 'route', '/b'], events }), { schemas })
    expect(again.schema).toBe(first.schema)
    expect(again.strings).toBe(first.strings)
    expect(other.schema).not.toBe(first.schema)
    expect(other.strings[3]).toBe('/b')
    const { start, end } = first.schemaSpan
    expect(again.schemaSpan).toEqual({ start: start, end: end })
  })

  test('that no batch has are the empty schema', () => {
    const { schema, schemaSpan } = decodeBatch(bytesOf({ strings: [], series: [] }))
    expect(schema).toMatchObject({ strings: [''], resource: [], series: [] })
    expect(schemaSpan).toEqual({ start: 0, end: 0 })
  })

  test('are forgotten, least recently used first, when there are too many', () => {
    const schemas = new SchemaCache({ maxEntries: 2 })
    const named = (name: string) => decodeBatch(bytesOf({ strings: [name, 'a', 'b'] }), { schemas }).schema
    const twice = (name: string) => [named(name), named(name)][1]
    const a = twice('a')
    const b = twice('b')
    expect(named('a')).toBe(a)
    twice('c')
    expect(schemas.size).toBe(2)
    expect(named('a')).toBe(a)
    expect(named('b')).not.toBe(b)
  })

  test('take no more bytes than they may', () => {
    const schemas = new SchemaCache({ maxBytes: 700 })
    for (let i = 0; i < 20; i++)
      decodeBatch(bytesOf({ strings: [`metric ${i >> 1}`, 'x'.repeat(290)], series: [] }), { schemas })
    expect(schemas.size).toBe(2)
    for (let i = 0; i < 2; i++) decodeBatch(bytesOf({ strings: ['m', 'y'.repeat(1000)], series: [] }), { schemas })
    expect(schemas.size).toBe(2)
  })

  test('that come once push out nobody', () => {
    const schemas = new SchemaCache({ maxEntries: 2 })
    const named = (name: string) => decodeBatch(bytesOf({ strings: [name, 'a', 'b'] }), { schemas }).schema
    named('a')
    const a = named('a')
    for (let i = 0; i < 10_000; i++) named(`once ${i}`)
    expect(schemas.size).toBe(1)
    expect(named('a')).toBe(a)
  })

  test('that are refused are not remembered', () => {
    const schemas = new SchemaCache()
    const bytes = bytesOf({ series: [{ name: 9, kind: 1 }] })
    for (let i = 0; i < 2; i++) expect(codeOf(() => decodeBatch(bytes, { schemas }))).toBe('index_out_of_range')
    expect(schemas.size).toBe(0)
  })
})
