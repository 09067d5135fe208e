import type { Filters } from '@telltale/protocol/api'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { View } from '../model.js'
import { matcherOf, textConditions } from './selection.js'
import { coversMetric, narrowFilters, narrowRanged, narrowStream, requireEvent } from './view.js'

const text = fc.constantFrom('', 'a', 'ab', 'abc', 'b', 'ba')
const condition = fc.oneof(
  text,
  fc.record(
    {
      eq: text,
      in: fc.array(text, { maxLength: 3 }),
      not: fc.oneof(text, fc.array(text, { maxLength: 3 })),
      prefix: text,
      exists: fc.boolean(),
    },
    { requiredKeys: [] },
  ),
)
const tag = fc.constantFrom('org', 'region', '__proto__', 'constructor')
const filters = fc
  .array(fc.tuple(tag, condition), { maxLength: 3 })
  .map((entries) => Object.fromEntries(entries) as Filters)
const series = fc.uniqueArray(fc.tuple(tag, text), { selector: ([key]) => key })

it('lets through what meets both filters, and nothing else', () => {
  const matches = (given: Filters, attributes: [string, string][]) => matcherOf(textConditions(given))(attributes)
  fc.assert(
    fc.property(filters, filters, series, (asked, locked, attributes) => {
      expect(matches(narrowFilters(asked, locked), attributes)).toBe(
        matches(asked, attributes) && matches(locked, attributes),
      )
    }),
    { numRuns: 5000 },
  )
})

const view: View = {
  metrics: ['task.*', 'orders'],
  filters: { org: 'acme' },
  maxRangeMs: 3600_000,
  dashboards: [],
  annotations: true,
}
const forbidden = expect.objectContaining({ code: 'forbidden' })

describe('a view', () => {
  it('covers names and prefixes', () => {
    const names = ['task.a', 'task.', 'orders', 'orders.paid', 'tas', 'Task.a', '']
    expect(names.map((name) => coversMetric(view, name))).toEqual([true, true, true, false, false, false, false])
  })

  it('refuses ranges that are too long, however they are asked for', () => {
    const ask = (start: string | number) =>
      narrowRanged(view, { time_range: { start, end: 'now' }, filters: {} }, 10 * 3600_000)
    expect(ask('now-1h').filters).toEqual({ org: 'acme' })
    expect(() => ask('now-61m')).toThrow(forbidden)
    expect(() => ask(0)).toThrow(forbidden)
    const stream = (range: string) => narrowStream(view, { metric_name: 'orders', range, filters: { org: 'globex' } })
    expect(stream('60m').filters).toEqual({ org: { in: [] } })
    expect(() => stream('2h')).toThrow(forbidden)
  })

  it('counts all events only where it covers everything', () => {
    expect(() => requireEvent(view, 'orders')).not.toThrow()
    expect(() => requireEvent(view, undefined)).toThrow(forbidden)
    expect(() => requireEvent({ ...view, metrics: ['*'] }, undefined)).not.toThrow()
  })
})
