import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nearestRank, quantileOfSorted, Sketch } from './sketch.js'

const maxRelativeError = 0.0055
const quantiles = [0, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1]

/** mulberry32. */
const seeded = (seed: number) => {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const normal = (random: () => number) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())

const distributions: Record<string, (random: () => number) => number> = {
  uniform: (random) => random() * 1000,
  normal: (random) => 500 + 20 * normal(random),
  'normal around zero': (random) => normal(random),
  lognormal: (random) => Math.exp(3 + normal(random)),
  pareto: (random) => (1 - random()) ** (-1 / 1.1),
  bimodal: (random) => (random() < 0.7 ? 2 + random() : 5000 + 100 * random()),
  tiny: (random) => random() * 1e-300,
  huge: (random) => random() * 1e308,
  negative: (random) => -Math.exp(5 * random()),
  'mixed, with zeros': (random) => [0, -3 * random(), 1e6 * random(), 1e-9 * random()][Math.floor(random() * 4)],
  constant: () => 42,
  'whole numbers': (random) => Math.floor(random() * 20),
}

const filled = (values: Iterable<number>) => {
  const sketch = new Sketch()
  for (const value of values) sketch.record(value)
  return sketch
}

const state = (sketch: Sketch) => ({
  ...sketch.toColumns(),
  count: sketch.count,
  min: sketch.min,
  max: sketch.max,
  quantiles: quantiles.map((q) => sketch.quantile(q)),
})

const expectClose = (got: number, exact: number) => {
  expect(Math.abs(got - exact)).toBeLessThanOrEqual(Math.abs(exact) * maxRelativeError)
}

describe('quantiles', () => {
  for (const [name, draw] of Object.entries(distributions)) {
    test(`are within 0.55 % of the exact nearest-rank ones: ${name}`, () => {
      for (const [seed, count] of [1, 2, 3, 10, 101, 1000, 20_000].entries()) {
        const random = seeded(seed + 1)
        const values = Float64Array.from({ length: count }, () => draw(random))
        const sketch = filled(values)
        const { key, bucketCount } = sketch.toColumns()
        values.sort()
        for (const q of quantiles) {
          const exact = values[nearestRank(q, count) - 1]
          expectClose(sketch.quantile(q), exact)
          expectClose(quantileOfSorted(key, bucketCount, 0, key.length, count, q), exact)
          expect(quantileOfSorted(key, bucketCount, 0, key.length, count, q, values[0], values[count - 1])).toBe(
            sketch.quantile(q),
          )
        }
      }
    })
  }

  test('are the exact minimum and maximum at the ends', () => {
    const sketch = filled([3.3, 1.1, 2.2])
    expect(sketch.quantile(0)).toBe(1.1)
    expect(sketch.quantile(1)).toBe(3.3)
  })

  test('of nothing are NaN', () => {
    expect(new Sketch().quantile(0.5)).toBeNaN()
    expect(quantileOfSorted([], [], 0, 0, 0, 0.5)).toBeNaN()
  })

  test('of a part of flat columns look at that part alone', () => {
    const keys = [1, 2, ...filled([7, 70]).toColumns().key]
    expectClose(quantileOfSorted(keys, [9, 9, 3, 1], 2, 4, 4, 0.75), 7)
    expectClose(quantileOfSorted(keys, [9, 9, 3, 1], 2, 4, 4, 0.76), 70)
  })

  test('take the rank that arithmetic without rounding gives', () => {
    expect(nearestRank(0.07, 100)).toBe(7)
    expect(nearestRank(0.07 + 1e-9, 100)).toBe(8)
    expect(nearestRank(0, 10)).toBe(1)
    expect(nearestRank(1, 10)).toBe(10)
    expect(nearestRank(0.5, 1)).toBe(1)
    for (let n = 1; n <= 1000; n++)
      for (const k of [1, 5, 50, 90, 99]) {
        expect(nearestRank(k / 100, n)).toBe(Math.max(1, Math.ceil((k * n) / 100)))
      }
  })
})

describe('recording', () => {
  test('keeps count, sum, minimum and maximum', () => {
    const sketch = new Sketch()
    sketch.record(2)
    sketch.record(-5, 3)
    sketch.record(0)
    expect(sketch).toMatchObject({ count: 5, sum: -13, min: -5, max: 2, size: 3 })
  })

  test('ignores what is not finite', () => {
    const sketch = filled([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
    expect(sketch).toMatchObject({ count: 0, sum: 0, size: 0 })
  })

  test('of values 600 orders of magnitude apart stays small', () => {
    const sketch = filled([1e300, 1e-300, -1e300, -1e-300, 0, Number.MAX_VALUE, Number.MIN_VALUE])
    expect(sketch.size).toBe(7)
    expect(sketch.quantile(0.5)).toBe(0)
    const random = seeded(1)
    globalThis.gc?.()
    const before = process.memoryUsage().arrayBuffers
    const wide = Array.from({ length: 20 }, () => filled([1e-300 * (1 + random()), 1e300]))
    expect(wide).toHaveLength(20)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200_000)
  })

  test('begins afresh after clear, in the same pages', () => {
    const sketch = filled([1, -2, 0, 1e9])
    sketch.clear()
    expect(state(sketch)).toEqual(state(new Sketch()))
    sketch.record(7)
    expect(state(sketch)).toEqual(state(filled([7])))
  })
})

const value = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ min: -100, max: 100, noNaN: true }),
  fc.constantFrom(0, -0, 1, -1, 2 ** 1000),
)
const values = fc.array(value, { maxLength: 60 })

describe('merging', () => {
  test('gives the same sketch however the values are split, and in any order', () => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 6 }), fc.nat(), (parts, seed) => {
        const random = seeded(seed)
        const whole = filled(parts.flat())
        const shuffled = parts.map((part) => ({ part, at: random() })).sort((a, b) => a.at - b.at)
        const merged = new Sketch()
        for (const { part } of shuffled) merged.merge(filled(part))
        expect(state(merged)).toEqual(state(whole))
        // Pairwise, from the other end.
        const nested = parts.reduceRight((later, part) => {
          const sketch = filled(part)
          sketch.merge(later)
          return sketch
        }, new Sketch())
        expect(state(nested)).toEqual(state(whole))
      }),
    )
  })

  test('leaves the other sketch as it was', () => {
    const other = filled([1, 2, 3])
    const before = state(other)
    const sketch = filled([5])
    sketch.merge(other)
    sketch.record(2)
    expect(state(other)).toEqual(before)
  })
})

describe('columns', () => {
  test('ascend, add up to the count, and give the sketch back', () => {
    fc.assert(
      fc.property(values, (list) => {
        const sketch = filled(list)
        const { key, bucketCount } = sketch.toColumns()
        for (let i = 1; i < key.length; i++) expect(key[i]).toBeGreaterThan(key[i - 1])
        expect(bucketCount.reduce((total, n) => total + n, 0)).toBe(sketch.count)
        expect(key.length).toBe(sketch.size)
        const back = Sketch.fromColumns({ key, bucketCount }, sketch.sum, sketch.min, sketch.max)
        expect(state(back)).toEqual(state(sketch))
        expect(back.sum).toBe(sketch.sum)
      }),
    )
  })

  test('are written one behind the other into arrays of the caller', () => {
    const key = new Int32Array(5)
    const counts = new Uint32Array(5)
    const end = filled([-4, 0, 0]).writeColumns(key, counts, 1)
    expect(end).toBe(3)
    expect(filled([1, 9]).writeColumns(key, counts, end)).toBe(5)
    expect([...counts]).toEqual([0, 1, 2, 1, 1])
    expect(Math.sign(key[1])).toBe(-1)
    expect(key[2]).toBe(0)
  })

  test('count past 32 bits when sketches of a long time are merged', () => {
    const sketch = new Sketch()
    sketch.record(3, 2 ** 32 - 1)
    sketch.merge(filled([3, 3]))
    const counts = new Float64Array(1)
    sketch.writeColumns(new Int32Array(1), counts)
    expect(counts[0]).toBe(2 ** 32 + 1)
  })
})
