/** The collector's own metrics: a small registry that prints Prometheus text 0.0.4, and gives the same as values. */
import { Sketch } from '@telltale/protocol'

type Labels = Readonly<Record<string, string>>

/** Upper bounds in seconds, from a fast ingest to a query at its time limit. */
const durationBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const

export interface Counter {
  add(count: number, labels?: Labels): void
}

export interface Histogram {
  observe(value: number, labels?: Labels): void
}

/** A family of values that is read when somebody asks. */
export interface Reading {
  labels?: Labels
  value: number
}

/** One series as it is now. */
export interface MeasuredValue {
  name: string
  type: 'counter' | 'gauge'
  help: string
  labels: Labels
  value: number
}

export interface MeasuredHistogram {
  name: string
  type: 'histogram'
  help: string
  labels: Labels
  /** Observations since they were last taken. */
  sketch: Sketch
}

export type Measured = MeasuredValue | MeasuredHistogram

interface Family {
  name: string
  type: 'counter' | 'gauge' | 'histogram'
  help: string
  lines(): Iterable<string>
  measured(): Iterable<Measured>
}

export class Telemetry {
  readonly #families: Family[] = []

  counter(name: string, help: string): Counter {
    const values = new Map<string, { labels: Labels; value: number }>()
    this.#families.push({
      name,
      type: 'counter',
      help,
      *lines() {
        for (const [labels, { value }] of values) yield `${name}${labels} ${value}`
      },
      *measured() {
        for (const one of values.values()) yield { name, type: 'counter', help, ...one }
      },
    })
    return {
      add(count, labels = {}) {
        const key = labelText(labels)
        const known = values.get(key)
        if (known) known.value += count
        else values.set(key, { labels, value: count })
      },
    }
  }

  histogram(name: string, help: string, bounds: readonly number[] = durationBounds): Histogram {
    const series = new Map<
      string,
      { labels: Labels; buckets: Float64Array; sum: number; count: number; sketch: Sketch }
    >()
    this.#families.push({
      name,
      type: 'histogram',
      help,
      *lines() {
        for (const { labels, buckets, sum, count } of series.values()) {
          let below = 0
          for (const [i, bound] of bounds.entries()) {
            below += buckets[i]
            yield `${name}_bucket${labelText({ ...labels, le: String(bound) })} ${below}`
          }
          yield `${name}_bucket${labelText({ ...labels, le: '+Inf' })} ${count}`
          yield `${name}_sum${labelText(labels)} ${sum}`
          yield `${name}_count${labelText(labels)} ${count}`
        }
      },
      *measured() {
        for (const one of series.values()) {
          const { labels, sketch } = one
          one.sketch = new Sketch()
          yield { name, type: 'histogram', help, labels, sketch }
        }
      },
    })
    return {
      observe(value, labels = {}) {
        const key = labelText(labels)
        let one = series.get(key)
        if (!one) {
          one = { labels, buckets: new Float64Array(bounds.length), sum: 0, count: 0, sketch: new Sketch() }
          series.set(key, one)
        }
        const at = bounds.findIndex((bound) => value <= bound)
        if (at !== -1) one.buckets[at]++
        one.sum += value
        one.count++
        one.sketch.record(value)
      },
    }
  }

  /**
   * A value that exists elsewhere: `read` is called each time the metrics are asked for. `by` tells who asks, for values
   * that are those since it last asked.
   */
  reading(
    name: string,
    type: 'counter' | 'gauge',
    help: string,
    read: (by: 'scrape' | 'self') => number | readonly Reading[],
  ): void {
    const readings = (by: 'scrape' | 'self') => {
      const found = read(by)
      return typeof found === 'number' ? [{ value: found } as Reading] : found
    }
    this.#families.push({
      name,
      type,
      help,
      *lines() {
        for (const { labels, value } of readings('scrape')) yield `${name}${labelText(labels)} ${value}`
      },
      *measured() {
        for (const { labels = {}, value } of readings('self')) yield { name, type, help, labels, value }
      },
    })
  }

  /** Everything as it is now. Histograms begin anew. */
  measured(): Measured[] {
    return this.#families.flatMap((family) => [...family.measured()])
  }

  /** Prometheus text, version 0.0.4. */
  text(): string {
    let text = ''
    for (const { name, type, help, lines } of this.#families) {
      text += `# HELP ${name} ${help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')}\n# TYPE ${name} ${type}\n`
      for (const line of lines()) text += `${line}\n`
    }
    return text
  }
}

function labelText(labels: Labels | undefined): string {
  if (!labels) return ''
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n')}"`,
  )
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}
