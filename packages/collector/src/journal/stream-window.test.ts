import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StreamWindow, WINDOW_SIZE } from './stream-window.js'

describe('StreamWindow', () => {
  it('knows what was added, in any order, also after it was stored and loaded', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: WINDOW_SIZE - 1 }), { maxLength: 200 }), (sequences) => {
        let window = new StreamWindow()
        const seen = new Set<number>()
        for (const [i, sequence] of sequences.entries()) {
          expect(window.has(sequence)).toBe(seen.has(sequence))
          if (!window.has(sequence)) window.add(sequence)
          seen.add(sequence)
          if (i % 3 === 0) window = new StreamWindow(window.watermark, window.bitmap())
        }
        for (let s = 0; s < WINDOW_SIZE; s++) expect(window.has(s)).toBe(seen.has(s))
      }),
      { numRuns: 50 },
    )
  })

  it('needs no bitmap while a stream is in order', () => {
    const window = new StreamWindow()
    for (let s = 0; s < 3 * WINDOW_SIZE; s++) window.add(s)
    expect(window.watermark).toBe(3 * WINDOW_SIZE - 1)
    expect(window.bitmap()).toHaveLength(0)
  })

  it('fills a gap and is in order again', () => {
    const window = new StreamWindow()
    for (const s of [0, 2, 3, 1]) window.add(s)
    expect([window.watermark, window.bitmap().length]).toEqual([3, 0])
  })

  it('moves along with a sequence far ahead, and takes what falls out for seen', () => {
    const window = new StreamWindow()
    window.add(5)
    window.add(WINDOW_SIZE + 3)
    expect([2, 3, 4, 5, 6, WINDOW_SIZE + 2, WINDOW_SIZE + 3].map((s) => window.has(s))).toEqual([
      true,
      true,
      false,
      true,
      false,
      false,
      true,
    ])
    window.add(4_294_967_295)
    expect(window.has(4_294_967_295 - WINDOW_SIZE)).toBe(true)
    expect(window.has(4_294_967_295 - WINDOW_SIZE + 1)).toBe(false)
  })

  it('copies itself', () => {
    const window = new StreamWindow()
    window.add(3)
    const copy = window.clone()
    window.add(4)
    expect([copy.has(3), copy.has(4)]).toEqual([true, false])
  })
})
