import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { axisOf, bucketAt, niceStepMs, resolveStep, searchEdges } from './buckets.js'
import { wallClock } from './testing/oracle.js'
import { dayMs, hourMs, minuteMs } from './time.js'
import { zoneOf } from './zone.js'

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'America/Sao_Paulo',
  'Pacific/Apia',
  'America/St_Johns',
  'Africa/Casablanca',
]

function edgesOf(start: string, end: string, step: string, timeZone: string): string[] {
  const range = { startMs: Date.parse(start), endMs: Date.parse(end) }
  const zone = zoneOf(timeZone)
  const axis = axisOf(range, resolveStep(step, range.endMs - range.startMs, zone), zone)
  return [...axis.edges].map((ms) => new Date(ms).toISOString().slice(0, 16))
}

function lengthsInHours(start: string, end: string, step: string, timeZone: string): number[] {
  const edges = edgesOf(start, end, step, timeZone).map((text) => Date.parse(`${text}Z`))
  return edges.slice(1).map((edge, i) => (edge - edges[i]!) / hourMs)
}

describe('edges in UTC', () => {
  it('are counted from the epoch', () => {
    expect(edgesOf('2026-01-15T12:07:00Z', '2026-01-15T12:16:00Z', '5m', 'UTC')).toEqual([
      '2026-01-15T12:05',
      '2026-01-15T12:10',
      '2026-01-15T12:15',
      '2026-01-15T12:20',
    ])
  })

  it('begin weeks on Monday, however they are spelled', () => {
    const weeks = ['2026-01-12T00:00', '2026-01-19T00:00', '2026-01-26T00:00']
    expect(edgesOf('2026-01-15T00:00:00Z', '2026-01-20T00:00:00Z', '1w', 'UTC')).toEqual(weeks)
    expect(edgesOf('2026-01-15T00:00:00Z', '2026-01-20T00:00:00Z', '7d', 'UTC')).toEqual(weeks)
  })

  it('follow the calendar for months', () => {
    expect(edgesOf('2024-01-31T10:00:00Z', '2024-03-01T00:00:00Z', '1M', 'UTC')).toEqual([
      '2024-01-01T00:00',
      '2024-02-01T00:00',
      '2024-03-01T00:00',
    ])
  })
})

describe('edges over clock changes', () => {
  it.each([
    ['Europe/Berlin', '2026-03-28T12:00:00Z', '2026-03-30T12:00:00Z', '1d', [24, 23, 24]],
    ['Europe/Berlin', '2026-10-24T12:00:00Z', '2026-10-26T12:00:00Z', '1d', [24, 25, 24]],
    ['America/New_York', '2026-03-07T12:00:00Z', '2026-03-09T12:00:00Z', '1d', [24, 23, 24]],
    ['Australia/Lord_Howe', '2026-04-03T20:00:00Z', '2026-04-05T20:00:00Z', '1d', [24, 24.5, 24]],
    ['Australia/Lord_Howe', '2026-10-02T20:00:00Z', '2026-10-04T20:00:00Z', '1d', [24, 23.5, 24]],
    // Clocks went forward at midnight: the day began at one.
    ['America/Sao_Paulo', '2018-11-03T12:00:00Z', '2018-11-05T12:00:00Z', '1d', [24, 23, 24]],
    // They went back at midnight: the day before had its last hour twice.
    ['America/Sao_Paulo', '2018-02-16T12:00:00Z', '2018-02-18T12:00:00Z', '1d', [24, 25, 24]],
    // The thirtieth of December was left out.
    ['Pacific/Apia', '2011-12-28T22:00:00Z', '2012-01-01T00:00:00Z', '1d', [24, 24, 24, 24]],
    ['Asia/Kolkata', '2026-03-28T12:00:00Z', '2026-03-30T12:00:00Z', '1d', [24, 24, 24]],
    ['Europe/Berlin', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z', '6h', [5, 6, 6, 6]],
    ['Europe/Berlin', '2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z', '6h', [7, 6, 6, 6]],
    ['Europe/Berlin', '2026-10-24T22:00:00Z', '2026-10-25T04:00:00Z', '2h', [2, 3, 2]],
    // The hour that comes twice is two hours.
    ['Europe/Berlin', '2026-10-24T23:00:00Z', '2026-10-25T03:00:00Z', '1h', [1, 1, 1, 1]],
    ['Europe/Berlin', '2026-03-29T00:00:00Z', '2026-03-29T03:00:00Z', '1h', [1, 1, 1]],
    ['Australia/Lord_Howe', '2026-04-04T13:00:00Z', '2026-04-04T17:30:00Z', '1h', [1, 1.5, 1, 1]],
    ['Europe/Berlin', '2026-03-23T00:00:00Z', '2026-03-31T00:00:00Z', '1w', [24 * 7 - 1, 24 * 7]],
    ['Europe/Berlin', '2026-03-10T00:00:00Z', '2026-04-10T00:00:00Z', '1M', [24 * 31 - 1, 24 * 30]],
  ] as const)('%s from %s to %s by %s', (zone, start, end, step, hours) => {
    expect(lengthsInHours(start, end, step, zone)).toEqual(hours)
  })

  it('leaves out a day that a zone left out', () => {
    const days = edgesOf('2011-12-28T22:00:00Z', '2012-01-01T00:00:00Z', '1d', 'Pacific/Apia').map(
      (text) => wallClock(Date.parse(`${text}Z`), 'Pacific/Apia').date,
    )
    expect(days).toEqual(['2011-12-28', '2011-12-29', '2011-12-31', '2012-01-01', '2012-01-02'])
  })

  it('stands on a grid that has every edge on it', () => {
    const zone = zoneOf('Europe/Berlin')
    const range = { startMs: Date.parse('2026-03-01T00:00:00Z'), endMs: Date.parse('2026-04-30T00:00:00Z') }
    const axis = axisOf(range, resolveStep('1d', 60 * dayMs, zone), zone)
    expect(axis.stepMs).toBe(hourMs)
    const fixed = axisOf({ ...range, endMs: range.startMs + 5 * dayMs }, resolveStep('1d', 5 * dayMs, zone), zone)
    expect(fixed.stepMs).toBe(dayMs)
  })
})

describe('properties of every axis', () => {
  const from = Date.UTC(1985, 0, 1)
  const to = Date.UTC(2030, 0, 1)
  const steps = ['30m', '1h', '3h', '6h', '12h', '1d', '2d', '1w', '1M', '7m', '5h']

  it('covers the range without gaps, and wall-clock edges stand where they should', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.constantFrom(...steps),
        fc.integer({ min: from, max: to }),
        fc.integer({ min: 1, max: 20 * dayMs }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (timeZone, step, startMs, lengthMs, part) => {
          const zone = zoneOf(timeZone)
          const endMs = startMs + lengthMs
          const axis = axisOf({ startMs, endMs }, resolveStep(step, lengthMs, zone), zone)
          const { edges } = axis
          const count = edges.length
          expect(edges[0]).toBeLessThanOrEqual(startMs)
          expect(edges[1]).toBeGreaterThan(startMs)
          expect(edges[count - 1]).toBeGreaterThanOrEqual(endMs)
          expect(edges[count - 2]).toBeLessThan(endMs)
          // Plain conditions: a thousand edges a case are too many for expectations of their own.
          for (let i = 1; i < count; i++) {
            const isOnGrid = (edges[i]! - axis.originMs) % axis.stepMs === 0
            if (edges[i]! <= edges[i - 1]! || !isOnGrid) throw new Error(`edge ${i} of ${timeZone} is wrong`)
          }
          const timeMs = Math.min(startMs + Math.floor(part * lengthMs), endMs - 1)
          const at = bucketAt(axis, timeMs)
          expect(edges[at]).toBeLessThanOrEqual(timeMs)
          expect(edges[at + 1]).toBeGreaterThan(timeMs)
          expect(searchEdges(edges, timeMs)).toBe(at)
          if (step !== '1d' && step !== '1w' && step !== '1M') return
          for (const edge of edges.slice(0, 10)) {
            const now = wallClock(edge, timeZone)
            const before = wallClock(edge - 1000, timeZone)
            expect(now.date > before.date).toBe(true)
            if (step === '1w') expect(['Mon', 'Tue']).toContain(now.weekday)
            if (step === '1M') expect(now.date.slice(0, 7) > before.date.slice(0, 7)).toBe(true)
          }
        },
      ),
      { numRuns: 300 },
    )
  })

  it('gives nice steps for every range', () => {
    expect(niceStepMs(15 * minuteMs)).toBe(5000)
    expect(niceStepMs(hourMs)).toBe(15_000)
    expect(niceStepMs(dayMs)).toBe(5 * minuteMs)
    expect(niceStepMs(30 * dayMs)).toBe(3 * hourMs)
    expect(niceStepMs(3653 * dayMs)).toBe(Number.POSITIVE_INFINITY)
  })
})
