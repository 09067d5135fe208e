import fc from 'fast-check'
import { expect, test } from 'vitest'
import { untilTogetherMs } from './clock.js'

test('those who wait for the same interval ask in the same moment, and nobody sooner than after a quarter of it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1_000, max: 60_000 }), fc.integer({ min: 0, max: 1e9 }), (intervalMs, nowMs) => {
      const waitMs = untilTogetherMs(intervalMs, nowMs)
      expect((nowMs + waitMs) % intervalMs).toBe(0)
      expect(waitMs).toBeGreaterThanOrEqual(intervalMs / 4)
      expect(waitMs).toBeLessThan(intervalMs * 1.25)
    }),
  )
})
