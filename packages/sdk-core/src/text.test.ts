/** Strings are cut by bytes, and never through a character. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isName, truncate, utf8Bytes } from './text.js'

const encoder = new TextEncoder()

describe('truncate', () => {
  it('gives a prefix within the bound, the longest there is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.nat(40), (text, maxBytes) => {
        const cut = truncate(text, maxBytes)
        expect(text.startsWith(cut)).toBe(true)
        const bytes = encoder.encode(cut).length
        expect(bytes).toBeLessThanOrEqual(maxBytes)
        const [next] = text.slice(cut.length)
        if (next !== undefined) expect(bytes + encoder.encode(next).length).toBeGreaterThan(maxBytes)
      }),
    )
  })

  it('counts what a text encoder writes, lone surrogates included', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const one of [text, `${text}\ud800`, `\udc00${text}`])
          expect(utf8Bytes(one)).toBe(encoder.encode(one).length)
      }),
    )
  })
})

describe('isName', () => {
  it('takes 1 to 256 bytes without control characters', () => {
    for (const good of ['a', 'http.latency', 'Größe', 'a b', 'x'.repeat(256), 'é'.repeat(128)])
      expect(isName(good)).toBe(true)
    for (const bad of ['', 'a\n', '\u007f', 'x'.repeat(257), 'é'.repeat(129), 7, null, undefined])
      expect(isName(bad)).toBe(false)
  })
})
