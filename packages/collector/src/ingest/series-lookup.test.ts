import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Attributes, SeriesDef } from '../model.js'
import { SeriesLookup } from './series-lookup.js'

// Few texts, so that equal ones, and those whose borders could be mistaken, meet often.
const text = fc.stringMatching(/^[ab]{1,3}$/)
const attributesOf = fc.dictionary(text, text, { maxKeys: 3 }).map((tags): Attributes => Object.entries(tags).sort())

test('finds the series with exactly these attributes, and none for others', () => {
  fc.assert(
    fc.property(fc.array(attributesOf, { maxLength: 200 }), fc.array(attributesOf), (known, asked) => {
      const series: SeriesDef[] = []
      const lookup = new SeriesLookup(series)
      const expected = new Map<string, SeriesDef>()
      for (const attributes of known) {
        const key = JSON.stringify(attributes)
        expect(lookup.find(attributes)).toBe(expected.get(key))
        if (expected.has(key)) continue
        series.push({ attributes } as SeriesDef)
        lookup.addLast()
        expected.set(key, series.at(-1) as SeriesDef)
      }
      for (const attributes of [...known, ...asked]) {
        expect(lookup.find(attributes)).toBe(expected.get(JSON.stringify(attributes)))
      }
    }),
  )
})
