/** The series of one client: what instruments record, gathered until the next flush. */
import type { Attributes } from '@telltale/sdk-core'
import type { Books } from '../books.js'
import { sketchKey } from './sketch-key.js'

export type Kind = 'counter' | 'up_down_counter' | 'gauge' | 'histogram'

/** What an instrument says of its metric. */
export interface Spec {
  name: string
  kind: Kind
  unit: string | undefined
  description: string | undefined
}

/** One series since the last flush, as `POST /v1/rows` takes it, but for its buckets. */
export interface Cell extends Spec {
  attributes: Attributes
  /** Calls behind it. */
  calls: number
  sum: number
  min: number
  max: number
  /** Of a gauge. */
  last: number
  time_ms: number
  /** Sketch key → count. */
  buckets: Map<number, number>
}

export interface Metrics {
  /**
   * The cell of one series, or the reason why calls to it are refused. `declared`: keys that tell series apart; undefined:
   * all that calls give. Never throws.
   */
  cell(spec: Spec, attributes: Attributes | undefined, declared: readonly string[] | undefined): Cell | string
  record(cell: Cell | string, value: number): void
  /** Hands over what has calls, as JSON, and starts anew. */
  take(receive: (json: string, calls: number) => void): void
}

/** Names made up at run time, one for each user, must not grow memory without end. */
const maxMetrics = 2000

/** `gate`: why nothing is recorded now, if there is a reason. */
export function createMetrics(
  books: Books,
  gate: () => string | undefined,
  warn: (message: string) => void,
  maxSeriesPerMetric: number,
): Metrics {
  const families = new Map<string, { kind: Kind; cells: Map<string, Cell> }>()
  let changed: Cell[] = []

  return {
    cell(spec, given, declared) {
      const { name, kind } = spec
      const family = families.get(name) ?? { kind, cells: new Map<string, Cell>() }
      if (family.kind !== kind) return 'kind_conflict'
      if (!families.has(name) && families.size >= maxMetrics) return 'too_many_metrics'
      families.set(name, family)
      const { cells } = family
      let attributes: Record<string, string> = {}
      let id: string
      try {
        for (const key of [...(declared ?? Object.keys(given ?? {}))].sort()) {
          const value = given?.[key]
          if ((value ?? '') !== '') attributes[key] = `${value}`.slice(0, 1000)
        }
        id = JSON.stringify(attributes)
      } catch {
        return 'invalid_attributes'
      }
      if (id.length > 2 && !cells.has(id) && cells.size >= maxSeriesPerMetric) {
        warn(`'${name}' has more than ${maxSeriesPerMetric} series`)
        attributes = { 'telltale.overflow': 'true' }
        id = ''
      }
      let cell = cells.get(id)
      if (!cell) {
        cell = { ...spec, attributes, calls: 0, sum: 0, min: 0, max: 0, last: 0, time_ms: 0, buckets: new Map() }
        cells.set(id, cell)
      }
      return cell
    },

    record(cell, value) {
      books.recorded++
      const reason =
        gate() ??
        (typeof cell === 'string'
          ? cell
          : !Number.isFinite(value)
            ? 'not_finite'
            : value < 0 && cell.kind === 'counter'
              ? 'negative_value'
              : undefined)
      if (reason || typeof cell === 'string') {
        books.drop('sample', reason as string)
        return
      }
      if (!cell.calls++) {
        changed.push(cell)
        cell.min = value
        cell.max = value
      }
      cell.sum += value
      if (value < cell.min) cell.min = value
      if (value > cell.max) cell.max = value
      cell.last = value
      cell.time_ms = Date.now()
      if (cell.kind === 'histogram') {
        const key = sketchKey(value)
        cell.buckets.set(key, (cell.buckets.get(key) ?? 0) + 1)
      }
    },

    take(receive) {
      for (const cell of changed) {
        receive(JSON.stringify({ ...cell, buckets: [...cell.buckets] }), cell.calls)
        cell.calls = 0
        cell.sum = 0
        cell.buckets.clear()
      }
      changed = []
    },
  }
}
