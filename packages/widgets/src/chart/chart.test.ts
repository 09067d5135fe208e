import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildChartData, type ChartSource, gapLength, isHidden, listSeries, takeSettled } from './model.js'
import { assignColors, seriesColors } from './palette.js'
import { logRange, roundUp, valueRange } from './scale.js'
import { sparkline } from './sparkline.js'
import { describeMoment, latest, nearestTime, summarize, valueAt } from './summary.js'
import { logTicks, timeTicks, valueTicks } from './ticks.js'
import { trendOf } from './trend.js'

const n = Number.NaN
const hour = 3_600_000

test('no range for no data; zero in sight unless the line hardly moves', () => {
  expect(valueRange(n, n, { zeroBased: false })).toEqual([0, 1])
  expect(valueRange(0, 0, { zeroBased: true })).toEqual([0, 1])
  expect(valueRange(20, 95, { zeroBased: false })).toEqual([0, 100])
  const [low, high] = valueRange(990, 1000, { zeroBased: false })
  expect(low).toBeGreaterThan(900)
  expect(high).toBeGreaterThan(1000)
  expect(valueRange(990, 1000, { zeroBased: true })[0]).toBe(0)
  expect(valueRange(-50, 10, { zeroBased: false })[0]).toBeLessThanOrEqual(-50)
  expect(valueRange(0.2, 0.99, { zeroBased: true, ceiling: 1 })[1]).toBeLessThan(1.05)
})

test('a range always holds its data', () => {
  const value = fc.double({ min: -1e12, max: 1e12, noNaN: true })
  fc.assert(
    fc.property(value, value, fc.boolean(), (a, b, zeroBased) => {
      const [low, high] = valueRange(Math.min(a, b), Math.max(a, b), { zeroBased })
      expect(low).toBeLessThanOrEqual(Math.min(a, b))
      expect(high).toBeGreaterThanOrEqual(Math.max(a, b))
      expect(high).toBeGreaterThan(low)
    }),
  )
  expect(roundUp(1.21)).toBe(1.5)
})

test('value ticks are round, within the range, and not too many', () => {
  expect(valueTicks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6000000000000001, 0.8, 1])
  expect(valueTicks(0, 0, 5)).toEqual([])
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1e9, noNaN: true }),
      fc.double({ min: 1e-6, max: 1e9, noNaN: true }),
      (low, span) => {
        fc.pre(span > low * 1e-6)
        const ticks = valueTicks(low, low + span, 6)
        expect(ticks.length).toBeLessThanOrEqual(8)
        for (const tick of ticks) expect(tick).toBeGreaterThanOrEqual(low - span * 1e-5)
      },
    ),
  )
})

test('time ticks stand on whole local units', () => {
  const start = new Date(2026, 2, 3, 10, 7, 12).getTime()
  const quarter = timeTicks(start, start + hour, 5)
  expect(quarter.stepMs).toBe(15 * 60_000)
  expect(quarter.ticksMs.map((t) => new Date(t).getMinutes() % 15)).toEqual([0, 0, 0, 0])
  const days = timeTicks(start, start + 10 * 24 * hour, 6)
  expect(days.ticksMs.every((t) => new Date(t).getHours() === 0)).toBe(true)
  const months = timeTicks(start, start + 300 * 24 * hour, 6)
  expect(months.ticksMs.every((t) => new Date(t).getDate() === 1)).toBe(true)
  expect(months.ticksMs.length).toBeGreaterThan(3)
})

test('a gap is long for its series, not for the step', () => {
  const times = Float64Array.from({ length: 100 }, (_, i) => i * 5)
  const sparse = times.map((_, i) => (i % 12 === 0 ? 1 : n))
  expect(gapLength(times, sparse, 5)).toBe(240)
  expect(gapLength(times, times, 5)).toBe(20)
  expect(
    gapLength(
      times,
      times.map(() => n),
      5,
    ),
  ).toBe(17.5)
})

const view = {
  timesMs: Float64Array.of(0, 10, 20),
  columns: [Float64Array.of(1, 2, n), Float64Array.of(5, n, 7), Float64Array.of(n, n, n)],
}
const groups = [{ t: 'b' }, { t: 'a' }, { t: 'gone' }]

test('series come by label, without those that have no value', () => {
  const series = listSeries(groups, view.columns, 'm')
  expect(series.map(({ label }) => label)).toEqual(['a', 'b'])
  expect(listSeries([{}], [Float64Array.of(1)], 'latency')[0].label).toBe('latency')
})

const source = (parts: Partial<ChartSource> = {}): ChartSource => ({
  ...{ view, groups, stepMs: 10, type: 'line', axis: 'left', unit: '', metric: 'm', aggregation: 'avg', name: 'm' },
  ...parts,
})

test('a stack adds what is shown, and a hole takes no room', () => {
  const data = buildChartData([source({ type: 'stacked' })], new Set())
  expect(data.series.map(({ tops }) => [...tops])).toEqual([
    [5, n, 7],
    [6, 2, n],
  ])
  const hidden = buildChartData([source({ type: 'bar' })], new Set([data.series[0].key]))
  expect([...hidden.series[1].tops]).toEqual([1, 2, n])
})

test('what may still grow is left out, or at least not called the newest', () => {
  expect(takeSettled(view, 10, 29).timesMs).toEqual(Float64Array.of(0, 10))
  expect(takeSettled(view, 10, 30)).toBe(view)
  expect(latest(buildChartData([source({ settledBeforeMs: 29 })], new Set()).series[0])).toBe(5)
})

test('several queries share colours, keep their own times, and a period before takes the colours of the present', () => {
  const other = { timesMs: Float64Array.of(4, 14), columns: [Float64Array.of(8, 9)] }
  const data = buildChartData(
    [
      source(),
      source({ view: other, groups: [{}], name: 'load', axis: 'right' }),
      source({ isGhost: true, type: 'bar' }),
    ],
    new Set(['~before']),
  )
  const [a, b, load, ghost] = data.series
  expect([a.label, b.label, load.label, ghost.label]).toEqual(['a', 'b', 'load', 'a'])
  expect(new Set([a.color, b.color, load.color]).size).toBe(3)
  expect(ghost).toMatchObject({ color: a.color, type: 'line', isGhost: true })
  expect(data.series.map((each) => isHidden(each, new Set(['~before'])))).toEqual([false, false, false, true, true])
  expect(new Set(data.series.map(({ key }) => key)).size).toBe(5)
  expect([nearestTime(data, 13, false), nearestTime(data, 13, true), nearestTime(data, -5, true)]).toEqual([14, 10, n])
  expect(valueAt(load, 10)).toBe(8)
})

test('the ninth series has a colour of the first eight, and is dashed', () => {
  const tags = Array.from({ length: 9 }, (_, i) => ({ t: `d${i}` }))
  const columns = tags.map(() => Float64Array.of(1))
  expect(listSeries(tags, columns, 'm').map(({ dashed }) => dashed)).toEqual([...Array(8).fill(false), true])
})

test('a chart in words', () => {
  const data = buildChartData([source()], new Set())
  expect(summarize(data)).toBe('2 series. a: latest 7, lowest 5, highest 7. b: latest 2, lowest 1, highest 2.')
  expect(describeMoment(data, 10, new Set(), 'UTC')).toMatch(/a 5, b 2$/)
  expect(valueAt(buildChartData([source()], new Set(), true).series[1], 20)).toBe(2)
})

test('a logarithmic axis ends on round numbers, and its ticks are powers of ten', () => {
  expect(logRange(3, 4000).map((power) => Math.round(10 ** power))).toEqual([2, 5000])
  expect(logRange(0, 10)).toEqual([0, 1])
  expect(logTicks(0, 3, 4)).toEqual([1, 10, 100, 1000])
  expect(logTicks(0, 2, 9)).toEqual([1, 2, 5, 10, 20, 50, 100])
  expect(logTicks(-3, 9, 4)).toHaveLength(5)
})

test('ticks stand on the hours of the zone that is shown', () => {
  const start = Date.parse('2026-03-28T20:00:00Z')
  const { ticksMs } = timeTicks(start, start + 12 * hour, 5, 'Europe/Berlin')
  const berlin = new Intl.DateTimeFormat('en', { hour: 'numeric', hourCycle: 'h23', timeZone: 'Europe/Berlin' })
  expect(ticksMs.map((timeMs) => Number(berlin.format(timeMs)) % 3)).toEqual(ticksMs.map(() => 0))
  expect(timeTicks(start, start + 96 * hour, 5, 'Asia/Kathmandu').ticksMs[0]).toBe(Date.parse('2026-03-29T18:15:00Z'))
})

test('a label keeps its colour; a chart never uses one twice while others are free', () => {
  const [red] = assignColors(['x1'])
  expect(assignColors(['other', 'x1'])[1]).toBe(red)
  const many = Array.from({ length: seriesColors.length }, (_, i) => `y${i}`)
  expect(new Set(assignColors(many)).size).toBe(seriesColors.length)
  expect(new Set(assignColors(['x1', 'y1', 'y3', 'z'])).size).toBe(4)
})

test('trends', () => {
  expect(trendOf(null, 1, 'ms', 'up')).toBeUndefined()
  expect(trendOf(5, 0, 'ms', 'up')).toBeUndefined()
  expect(trendOf(110, 100, 'ms', 'down')).toEqual({ direction: 'up', text: '+10%', verdict: 'bad' })
  expect(trendOf(0.99, 0.98, 'ratio', 'up')).toMatchObject({ direction: 'up', text: '+1\u202fpp', verdict: 'good' })
  expect(trendOf(100, 100, '', 'up')).toMatchObject({ direction: 'flat', verdict: 'neutral' })
})

test('a sparkline needs two points, and a flat one is a line', () => {
  expect(sparkline(Float64Array.of(1), Float64Array.of(5), 0, 10)).toBeUndefined()
  expect(sparkline(Float64Array.of(0, 9), Float64Array.of(5, 5), 0, 10)?.line).toBe('M0.5,50.0L90.5,50.0')
})
