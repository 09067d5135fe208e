import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isSketchKey, keyBias, keyLower, keyOf, keyUpper, keyValue, leastNormalKey, quickKeyOf } from './sketch-key.js'

const next = (value: number, ulps: 1 | -1): number => {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  view.setBigUint64(0, view.getBigUint64(0) + BigInt(ulps))
  return view.getFloat64(0)
}

/** Is base^i < v, in whole numbers? base^i < m·2^e ⇔ 2^i < m^64 · 2^(64e). */
const isAboveEdge = (value: number, index: number): boolean => {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  const bits = view.getBigUint64(0)
  const biased = Number((bits >> 52n) & 0x7ffn)
  const mantissa = (bits & 0xfffffffffffffn) | (biased === 0 ? 0n : 1n << 52n)
  const exponent = Math.max(biased, 1) - 1075
  const shift = 64 * exponent - index
  const power = mantissa ** 64n
  return shift >= 0 ? power << BigInt(shift) > 1n : power > 1n << BigInt(-shift)
}

const isInBucket = (value: number, key: number): boolean => {
  const index = Math.abs(key) - keyBias
  return isAboveEdge(Math.abs(value), index) && !isAboveEdge(Math.abs(value), index + 1)
}

const positive = fc.oneof(
  fc.double({ min: Number.MIN_VALUE, max: Number.MAX_VALUE, noNaN: true }),
  fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
)

describe('keys of the sketch', () => {
  test('hold base^i < v ≤ base^(i+1), exactly, for any double', () => {
    fc.assert(
      fc.property(positive, (value) => {
        expect(isInBucket(value, keyOf(value))).toBe(true)
        expect(keyOf(-value)).toBe(-keyOf(value))
      }),
      { numRuns: 2000 },
    )
  })

  test('are exact to the last bit at every edge of an octave', () => {
    for (let s = 0; s <= 64; s++) {
      const edge = 2 ** (s / 64)
      for (const value of [next(edge, -1), edge, next(edge, 1)]) expect(isInBucket(value, keyOf(value))).toBe(true)
    }
  })

  test('put a power of two at the top of its bucket', () => {
    for (let exponent = -1074; exponent <= 1023; exponent++) {
      expect(keyOf(2 ** exponent)).toBe(exponent * 64 - 1 + keyBias)
    }
    expect(keyOf(next(1, 1))).toBe(keyBias)
  })

  test('name the ends of the range', () => {
    expect(keyOf(Number.MAX_VALUE)).toBe(1024 * 64 - 1 + keyBias)
    expect(keyOf(Number.MIN_VALUE)).toBe(-1074 * 64 - 1 + keyBias)
    expect(keyOf(0)).toBe(0)
    expect(keyOf(-0)).toBe(0)
    for (const value of [Number.MAX_VALUE, Number.MIN_VALUE, 0, -1]) expect(isSketchKey(keyOf(value))).toBe(true)
    expect(isSketchKey(keyOf(Number.MAX_VALUE) + 1)).toBe(false)
    expect(isSketchKey(keyOf(Number.MIN_VALUE) - 1)).toBe(false)
    expect(isSketchKey(1)).toBe(false)
    expect(isSketchKey(Number.NaN)).toBe(false)
  })

  test('sort as values do', () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true })
    fc.assert(
      fc.property(finite, finite, (a, b) => {
        expect(Math.sign(keyOf(a) - keyOf(b)) * Math.sign(a - b)).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  test('stand for values at most 0.55 % away, inside their bucket', () => {
    const normal = fc.double({ min: 2 ** -1022, max: Number.MAX_VALUE, noNaN: true })
    fc.assert(
      fc.property(normal, fc.boolean(), (magnitude, negative) => {
        const value = negative ? -magnitude : magnitude
        const key = keyOf(value)
        expect(Math.abs(keyValue(key) / value - 1)).toBeLessThanOrEqual(0.0055)
        expect(keyLower(key)).toBeLessThan(keyValue(key))
        expect(keyUpper(key)).toBeGreaterThan(keyValue(key))
        expect(keyOf(keyValue(key))).toBe(key)
      }),
      { numRuns: 2000 },
    )
  })

  test('have finite values and edges wherever a double has the key', () => {
    for (const key of [keyOf(Number.MAX_VALUE), keyOf(Number.MIN_VALUE), keyOf(-Number.MAX_VALUE), 0]) {
      for (const value of [keyValue(key), keyLower(key), keyUpper(key)]) expect(Number.isFinite(value)).toBe(true)
    }
    expect(keyUpper(keyOf(Number.MAX_VALUE))).toBe(Number.MAX_VALUE)
    expect(keyLower(keyOf(-Number.MAX_VALUE))).toBe(-Number.MAX_VALUE)
  })
})

test('the quick key is the key of every positive normal value, and beyond them for any other', () => {
  const normal = fc.double({ min: 2 ** -1022, noNaN: true, noDefaultInfinity: true })
  const bound = fc.integer({ min: -65_000, max: 65_000 }).map((index) => 2 ** (index / 64))
  const near = fc.tuple(bound, fc.constantFrom(1 as const, -1 as const)).map(([value, ulps]) => next(value, ulps))
  fc.assert(
    fc.property(fc.oneof(normal, bound, near), (value) => {
      expect(quickKeyOf(value)).toBe(keyOf(value))
    }),
    { numRuns: 2000 },
  )
  const most = keyOf(Number.MAX_VALUE)
  for (const value of [0, -0, 5e-324, 2 ** -1023, -1, -1e300, -5e-324, Number.NaN, Number.POSITIVE_INFINITY]) {
    const key = quickKeyOf(value)
    expect([value, key < leastNormalKey || key >= most]).toEqual([value, true])
  }
})
