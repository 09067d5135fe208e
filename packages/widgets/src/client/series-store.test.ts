import type { MetricsColumnsFrame } from '@telltale/protocol/api'
import { expect, test } from 'vitest'
import { SeriesStore } from './series-store.js'

const meta = { step_ms: 10, range_ms: 1000, kind: 'gauge', unit: 'ms' }
type Point = [group: number, time: number, value: number | null]

function frame(mode: 'snapshot' | 'delta', groups: object[], points: Point[], seq = 1): MetricsColumnsFrame {
  return {
    type: 'metrics_update',
    id: 'w1',
    seq,
    mode,
    groups: groups as MetricsColumnsFrame['groups'],
    group: points.map(([group]) => group),
    times: points.map(([, time]) => time),
    values: points.map(([, , value]) => value),
    ...(mode === 'snapshot' ? { meta } : {}),
  }
}

function read(store: SeriesStore) {
  const { timesMs, columns } = store.view()
  return { times: [...timesMs], columns: columns.map((column) => [...column]) }
}

const n = Number.NaN

test('a snapshot in any order becomes sorted columns with NaN where a group has no bucket', () => {
  const store = new SeriesStore()
  store.apply(
    frame(
      'snapshot',
      [{ a: '1' }, { a: '2' }],
      [
        [1, 30, 3],
        [0, 10, 1],
        [0, 30, 2],
        [1, 20, null],
      ],
    ),
  )
  expect(read(store)).toEqual({
    times: [10, 20, 30],
    columns: [
      [1, n, 2],
      [n, n, 3],
    ],
  })
})

test('a delta overwrites, appends, and fills in a late bucket; new groups come after those known', () => {
  const store = new SeriesStore()
  store.apply(
    frame(
      'snapshot',
      [{ a: '1' }],
      [
        [0, 10, 1],
        [0, 30, 3],
      ],
    ),
  )
  store.apply(
    frame(
      'delta',
      [{ a: '2' }],
      [
        [0, 30, 4],
        [1, 40, 5],
        [0, 20, 2],
      ],
    ),
  )
  expect(read(store)).toEqual({
    times: [10, 20, 30, 40],
    columns: [
      [1, 2, 4, n],
      [n, n, n, 5],
    ],
  })
  expect(store.groups).toEqual([{ a: '1' }, { a: '2' }])
})

test('an index of no group is passed over', () => {
  const store = new SeriesStore()
  store.apply(
    frame(
      'snapshot',
      [{}],
      [
        [0, 10, 1],
        [5, 20, 2],
      ],
    ),
  )
  store.apply(
    frame(
      'delta',
      [],
      [
        [-1, 30, 2],
        [9, 40, 2],
      ],
    ),
  )
  expect(read(store).times).toEqual([10, 20])
})

test('a snapshot replaces everything', () => {
  const store = new SeriesStore()
  store.apply(frame('snapshot', [{ a: '1' }], [[0, 10, 1]]))
  store.apply(frame('snapshot', [{ a: '2' }], [[0, 50, 5]]))
  expect(read(store)).toEqual({ times: [50], columns: [[5]] })
  store.apply(frame('snapshot', [], []))
  expect(store.length).toBe(0)
  expect(store.newestMs).toBeNaN()
})

test('an hour of deltas keeps the range and no more, with every value in its place', () => {
  const store = new SeriesStore()
  store.apply(frame('snapshot', [{ a: '1' }, { a: '2' }], []))
  for (let t = 0; t < 50_000; t += 10)
    store.apply(
      frame(
        'delta',
        [],
        [
          [0, t, t],
          [1, t, -t],
        ],
      ),
    )
  const { times, columns } = read(store)
  expect(times[0]).toBe(49_990 - 1020)
  expect(times).toHaveLength(103)
  expect(columns[0]).toEqual(times)
  expect(columns[1]).toEqual(times.map((t) => -t))
})

test('late buckets among many move all columns alike', () => {
  const store = new SeriesStore()
  const even: Point[] = Array.from({ length: 600 }, (_, i) => [0, i * 2, i * 2])
  store.apply({ ...frame('snapshot', [{}], even), meta: { ...meta, range_ms: 1e6 } })
  const odd: Point[] = Array.from({ length: 600 }, (_, i) => [0, (599 - i) * 2 + 1, (599 - i) * 2 + 1])
  store.apply(frame('delta', [], odd))
  const { times, columns } = read(store)
  expect(times).toEqual(Array.from({ length: 1200 }, (_, i) => i))
  expect(columns[0]).toEqual(times)
})
