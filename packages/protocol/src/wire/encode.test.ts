import { describe, expect, test } from 'vitest'
import { decodeBatch } from './decode.js'
import { encodeBatch, patchSentTime, shiftBaseTime } from './encode.js'
import { codeOf, head } from './testing/samples.js'
import type { Batch } from './types.js'

describe('encoding', () => {
  const batch: Batch = { ...head, strings: ['', 'a'], resource: [], series: [], drops: [] }

  test('puts the time of sending where a retry can patch it', () => {
    const bytes = encodeBatch(batch)
    patchSentTime(bytes, 1e12 + 7)
    expect(decodeBatch(bytes)).toMatchObject({ sentTimeMs: 1e12 + 7, sequence: 1 })
    expect(() => patchSentTime(new Uint8Array(20), 1)).toThrow(RangeError)
    expect(() => patchSentTime(bytes.subarray(0, 5), 1)).toThrow(RangeError)
  })

  test('writes numbered strings in place of empty ones', () => {
    const numbered = { prefix: 'ab12', numbers: [0, 0x9a, 0xfff, 0xffff] }
    const strings = ['', 'x', '', '', 'y', '', '']
    expect(decodeBatch(encodeBatch({ ...batch, strings, numbered })).strings).toEqual([
      '',
      'x',
      'ab120000',
      'ab12009a',
      'y',
      'ab120fff',
      'ab12ffff',
    ])
  })

  test('moves all times by moving their base', () => {
    for (const sequence of [0, 1, 127, 128, 0xffffffff]) {
      const events = { count: 2, name: [1, 1], timeMs: [1e12, 1e12 + 5], attributes: [] }
      const bytes = encodeBatch({ ...batch, sequence, events })
      shiftBaseTime(bytes, -1500)
      const decoded = decodeBatch(bytes)
      expect(decoded).toMatchObject({ sequence, batchId: batch.batchId, sentTimeMs: batch.sentTimeMs })
      expect(Array.from(decoded.events!.timeMs)).toEqual([1e12 - 1500, 1e12 - 1495])
    }
    expect(() => shiftBaseTime(new Uint8Array(80), 1)).toThrow(RangeError)
    expect(() => shiftBaseTime(encodeBatch(batch).subarray(0, 50), 1)).toThrow(RangeError)
  })

  test('refuses times that no column can hold', () => {
    const at = (timeMs: number[]) => ({
      ...batch,
      events: { count: timeMs.length, name: timeMs.map(() => 1), timeMs, attributes: [] },
    })
    for (const timeMs of [[Number.NaN], [1e12 + 2 ** 31], [1e12 - 2 ** 31 - 1], [1e12 + 2 ** 30, 1e12 - 2 ** 30 - 1]]) {
      expect(codeOf(() => encodeBatch(at(timeMs)))).toBe('bad_time')
    }
    expect(codeOf(() => encodeBatch(at([1e12 + 2 ** 31 - 1, 1e12 - 1])))).toBe('none')
  })

  test('rounds times without letting the error add up', () => {
    const timeMs = Float64Array.from({ length: 1000 }, (_, i) => 1e12 + i * 0.4)
    const events = { count: 1000, name: new Uint32Array(1000), timeMs, attributes: [] }
    const decoded = decodeBatch(encodeBatch({ ...batch, events })).events
    for (let i = 0; i < 1000; i++) expect(Math.abs((decoded?.timeMs[i] ?? 0) - timeMs[i])).toBeLessThanOrEqual(0.5)
  })

  test('keeps any text', () => {
    const strings = ['', 'ascii', 'naïve', '日本語', '🙂', '\ufeffmarked', 'x'.repeat(127), 'é'.repeat(100), '\0', '']
    expect(decodeBatch(encodeBatch({ ...batch, strings })).strings).toEqual(strings)
    expect(decodeBatch(encodeBatch({ ...batch, strings: ['', 'a\ud800b'] })).strings[1]).toBe('a\ufffdb')
  })
})
