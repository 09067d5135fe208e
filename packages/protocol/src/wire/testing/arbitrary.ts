/** Arbitrary batches for the property tests: every table, every optional column, any text, any double. */
import fc from 'fast-check'
import type { AttributeColumn, Batch, Histograms, Series } from '../types.js'

const maxRows = 6
const finiteMs = fc.integer({ min: -1_000_000, max: 1_000_000 })
const double = fc.double()
const u32 = fc.integer({ min: 0, max: 0xffffffff })
const id = fc.uint8Array({ minLength: 16, maxLength: 16 })
const text = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ minLength: 120, maxLength: 200 }),
)

/** A column of exactly `rows` entries, as a typed array or a plain one, now and then longer than the table. */
const uints = (rows: number, entry: fc.Arbitrary<number>) =>
  fc
    .tuple(fc.array(entry, { minLength: rows, maxLength: rows + 2 }), fc.boolean())
    .map(([list, plain]) => (plain ? list : Uint32Array.from(list)))
const doubles = (rows: number, entry: fc.Arbitrary<number> = double) =>
  fc
    .tuple(fc.array(entry, { minLength: rows, maxLength: rows + 2 }), fc.boolean())
    .map(([list, plain]) => (plain ? list : Float64Array.from(list)))
const optional = <T>(column: fc.Arbitrary<T>) => fc.option(column, { nil: undefined })

const attributeColumn = (rows: number, ref: fc.Arbitrary<number>): fc.Arbitrary<AttributeColumn> => {
  const all = Array.from({ length: rows }, (_, i) => i)
  return fc
    .record({
      key: ref,
      row: optional(fc.subarray(all).map((list) => Uint32Array.from(list))),
      type: fc.constantFrom('string' as const, 'number' as const, 'bool' as const),
      dimension: fc.boolean(),
    })
    .chain((column) => {
      const count = column.row?.length ?? rows
      const value: fc.Arbitrary<AttributeColumn['value']> =
        column.type === 'number'
          ? doubles(count)
          : uints(count, column.type === 'string' ? ref : fc.integer({ min: 0, max: 1 }))
      return value.map((values) => ({ ...column, value: values }))
    })
}

const histograms = (rows: number, base: number, series: fc.Arbitrary<number>): fc.Arbitrary<Histograms> => {
  const key = fc.oneof(
    fc.constant(0),
    fc.integer({ min: 131_000, max: 131_500 }),
    fc.integer({ min: -196_000, max: -65_000 }),
  )
  const row = fc.array(key, { maxLength: 5 }).map((keys) => [...new Set(keys)].sort((a, b) => a - b))
  return fc.array(row, { minLength: rows, maxLength: rows }).chain((keys) =>
    fc.record({
      count: fc.constant(rows),
      startMs: finiteMs.map((ms) => base + ms),
      endMs: finiteMs.map((ms) => base + ms),
      series: uints(rows, series),
      sum: doubles(rows),
      min: doubles(rows),
      max: doubles(rows),
      buckets: fc.constant(Uint32Array.from(keys, (list) => list.length)),
      key: fc.constant(Int32Array.from(keys.flat())),
      bucketCount: uints(keys.flat().length, u32),
    }),
  )
}

export const arbitraryBatch: fc.Arbitrary<Batch> = fc
  .record({
    texts: fc.array(text, { maxLength: 8 }),
    seriesCount: fc.integer({ min: 1, max: 5 }),
    baseTimeMs: fc.integer({ min: -1e12, max: 4e12 }),
  })
  .chain(({ texts, seriesCount, baseTimeMs }) => {
    const ref = fc.nat(texts.length)
    const refs = fc.array(fc.tuple(ref, ref), { maxLength: 3 }).map((pairs) => pairs.flat())
    const seriesRef = fc.nat(seriesCount - 1)
    const time = finiteMs.map((ms) => baseTimeMs + ms)
    const series: fc.Arbitrary<Series> = fc.record({
      name: ref,
      kind: fc.constantFrom(1, 2, 3, 4),
      unit: ref,
      description: ref,
      attributes: refs,
    })
    const table = <T>(make: (rows: number) => fc.Arbitrary<T>) => optional(fc.nat(maxRows).chain(make))
    const attributes = (rows: number) => fc.array(attributeColumn(rows, ref), { maxLength: 4 })
    const stringColumn = (rows: number) => uints(rows, ref)
    return fc.record({
      sentTimeMs: fc.integer({ min: 0, max: 4e12 }),
      batchId: id,
      streamId: id,
      sequence: u32,
      baseTimeMs: fc.constant(baseTimeMs),
      strings: fc.constant(['', ...texts]),
      resource: refs,
      series: fc.array(series, { minLength: seriesCount, maxLength: seriesCount }),
      samples: table((rows) =>
        fc.record({
          count: fc.constant(rows),
          series: uints(rows, seriesRef),
          timeMs: doubles(rows, time),
          value: doubles(rows),
        }),
      ),
      points: table((rows) =>
        fc.record({
          count: fc.constant(rows),
          startMs: time,
          endMs: time,
          series: uints(rows, seriesRef),
          value: doubles(rows),
        }),
      ),
      histograms: table((rows) => histograms(rows, baseTimeMs, seriesRef)),
      events: table((rows) =>
        fc.record({
          count: fc.constant(rows),
          name: stringColumn(rows),
          timeMs: doubles(rows, time),
          id: optional(stringColumn(rows)),
          user: optional(stringColumn(rows)),
          org: optional(stringColumn(rows)),
          session: optional(stringColumn(rows)),
          attributes: attributes(rows),
        }),
      ),
      tasks: table((rows) =>
        fc.record({
          count: fc.constant(rows),
          type: stringColumn(rows),
          timeMs: doubles(rows, time),
          durationMs: doubles(rows),
          status: uints(rows, fc.integer({ min: 1, max: 4 })),
          id: stringColumn(rows),
          attempt: optional(uints(rows, u32)),
          parentId: optional(stringColumn(rows)),
          traceId: optional(stringColumn(rows)),
          errorType: optional(stringColumn(rows)),
          errorMessage: optional(stringColumn(rows)),
          queueWaitMs: optional(doubles(rows)),
          cpuTimeMs: optional(doubles(rows)),
          cpuUsagePercent: optional(doubles(rows)),
          cpuMethod: optional(uints(rows, fc.integer({ min: 0, max: 3 }))),
          memoryUsageMb: optional(doubles(rows)),
          attributes: attributes(rows),
          steps: optional(steps(rows, ref)),
        }),
      ),
      sessions: table((rows) =>
        fc.record({
          count: fc.constant(rows),
          id: stringColumn(rows),
          timeMs: doubles(rows, time),
          durationMs: doubles(rows),
          user: optional(stringColumn(rows)),
          org: optional(stringColumn(rows)),
          events: optional(uints(rows, u32)),
          pageViews: optional(uints(rows, u32)),
          entry: optional(stringColumn(rows)),
          exit: optional(stringColumn(rows)),
          referrer: optional(stringColumn(rows)),
          attributes: attributes(rows),
        }),
      ),
      drops: fc.array(fc.record({ signal: fc.constantFrom(1, 2, 3, 4, 5, 6), reason: ref, count: u32 }), {
        maxLength: 3,
      }),
    })
  })

function steps(taskRows: number, ref: fc.Arbitrary<number>) {
  const row = fc.array(fc.nat(Math.max(0, taskRows - 1)), { maxLength: taskRows === 0 ? 0 : 6 })
  return row.chain((rows) =>
    fc.record({
      count: fc.constant(rows.length),
      row: fc.constant(Uint32Array.from(rows).sort()),
      name: uints(rows.length, ref),
      offsetMs: doubles(rows.length),
    }),
  )
}
