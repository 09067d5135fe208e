/**
 * The seeded ingest workload: `seriesCount` series with the tags task_type × status × region × host, half of them
 * lognormal latencies rounded to 0.1 ms, half random walks, samples 10 s apart with jitter.
 */
import { randomUUID } from 'node:crypto'
import { encodeBatch, Kind } from '../../packages/protocol/dist/index.js'

export const idBytes = () => Buffer.from(randomUUID().replaceAll('-', ''), 'hex')

/** mulberry32: small, seedable, good enough for workloads. */
export function random(seed) {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

export function createWorkload({ seriesCount, startMs, stepMs = 10_000, seed = 1 }) {
  const next = random(seed)
  const level = new Float64Array(seriesCount).fill(100)
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
  const strings = ['', 'bench.latency', 'bench.level', 'ms', 'task_type', 'status', 'region', 'host', 'ok', 'error']
  const ref = (text) => {
    const at = strings.indexOf(text)
    return at >= 0 ? at : strings.push(text) - 1
  }
  const series = Array.from({ length: seriesCount }, (_, i) => ({
    name: i % 2 === 0 ? 1 : 2,
    kind: i % 2 === 0 ? Kind.histogram : Kind.gauge,
    unit: i % 2 === 0 ? 3 : 0,
    description: 0,
    attributes: [
      4,
      ref(`type-${i % 20}`),
      5,
      i % 10 === 0 ? 9 : 8,
      6,
      ref(`region-${i % 5}`),
      7,
      ref(`host-${Math.floor(i / 20)}`),
    ],
  }))
  let round = 0
  let at = 0
  return {
    seriesCount,
    /** Encodes the next `rows` samples, taking the series in turn, as one batch. */
    batch(rows, streamId, sequence, writer) {
      const samples = {
        count: rows,
        series: new Uint32Array(rows),
        timeMs: new Float64Array(rows),
        value: new Float64Array(rows),
      }
      for (let i = 0; i < rows; i++) {
        if (at === seriesCount) {
          at = 0
          round++
        }
        samples.series[i] = at
        samples.timeMs[i] = Math.floor(startMs + round * stepMs + next() * stepMs * 0.1)
        if (at % 2 === 0) samples.value[i] = Math.round(Math.exp(3 + normal()) * 10) / 10
        else {
          level[at] += normal()
          samples.value[i] = level[at]
        }
        at++
      }
      return encodeBatch(
        {
          sentTimeMs: Date.now(),
          batchId: idBytes(),
          streamId,
          sequence,
          baseTimeMs: startMs,
          strings,
          resource: [],
          series,
          samples,
          drops: [],
        },
        writer,
      )
    },
  }
}
