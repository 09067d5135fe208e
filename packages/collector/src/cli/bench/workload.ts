/** The load of `telltale bench`: latencies of tasks and levels of queues over so many series, the same on every run. */
import { randomBytes } from 'node:crypto'
import { type Batch, encodeBatch, Kind } from '@telltale/protocol'

export interface Workload {
  /** The next batch of this sender, with times of now. */
  next(): Uint8Array
}

const taskTypes = 20
const regions = 5
const values = 4096

/** Each sender has a stream of its own; the series are shared by all. */
export function createWorkload({ rows, series: seriesCount }: { rows: number; series: number }): Workload {
  const strings = ['', 'ms']
  const refs = new Map<string, number>()
  const ref = (text: string) => {
    const known = refs.get(text)
    if (known !== undefined) return known
    refs.set(text, strings.push(text) - 1)
    return strings.length - 1
  }
  const series: Batch['series'] = Array.from({ length: seriesCount }, (_, i) => {
    const isLatency = i % 2 === 0
    const tags = {
      'task.type': `type-${i % taskTypes}`,
      region: `region-${Math.floor(i / taskTypes) % regions}`,
      host: `host-${Math.floor(i / taskTypes / regions)}`,
    }
    return {
      name: ref(isLatency ? 'bench.latency' : 'bench.depth'),
      kind: isLatency ? Kind.histogram : Kind.gauge,
      unit: isLatency ? 1 : 0,
      description: 0,
      attributes: Object.entries(tags).flatMap(([key, value]) => [ref(key), ref(value)]),
    }
  })
  const ring = lognormals(values)
  const samples = {
    count: rows,
    series: new Uint32Array(rows),
    timeMs: new Float64Array(rows),
    value: new Float64Array(rows),
  }
  const streamId = new Uint8Array(randomBytes(16))
  let sequence = 0
  let at = 0
  return {
    next() {
      const nowMs = Date.now()
      for (let row = 0; row < rows; row++, at++) {
        samples.series[row] = at % seriesCount
        samples.timeMs[row] = nowMs
        samples.value[row] = ring[at % values]!
      }
      const batchId = new Uint8Array(randomBytes(16))
      const head = { sentTimeMs: nowMs, batchId, streamId, sequence: sequence++, baseTimeMs: nowMs }
      return encodeBatch({ ...head, strings, resource: [], series, samples, drops: [] })
    },
  }
}

/** Rounded to 0.1, as latencies are: a mulberry32 generator with a fixed seed, shaped by Box and Muller. */
function lognormals(count: number): Float64Array {
  let state = 1
  const random = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  return Float64Array.from({ length: count }, () => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    return Math.round(Math.exp(3 + normal) * 10) / 10
  })
}
