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

/** The samples one by one, the series taken in turn. */
export function createSampler({ seriesCount, startMs, stepMs = 10_000, seed = 1 }) {
  const random01 = random(seed)
  const level = new Float64Array(seriesCount).fill(100)
  const normal = () => Math.sqrt(-2 * Math.log(1 - random01())) * Math.cos(2 * Math.PI * random01())
  const sample = { series: 0, timeMs: 0, value: 0 }
  let round = 0
  let at = 0
  return {
    isLatency: (series) => series % 2 === 0,
    series(series) {
      return {
        name: series % 2 === 0 ? 'bench.latency' : 'bench.level',
        tags: {
          task_type: `type-${Math.floor(series / 2) % 20}`,
          status: series % 10 === 0 ? 'error' : 'ok',
          region: `region-${Math.floor(series / 2) % 5}`,
          host: `host-${Math.floor(series / 40)}`,
        },
      }
    },
    /** One object again and again. */
    next() {
      if (at === seriesCount) {
        at = 0
        round++
      }
      sample.series = at
      sample.timeMs = Math.floor(startMs + round * stepMs + random01() * stepMs * 0.1)
      if (at % 2 === 0) sample.value = Math.round(Math.exp(3 + normal()) * 10) / 10
      else {
        level[at] += normal()
        sample.value = level[at]
      }
      at++
      return sample
    },
  }
}

export function createWorkload(options) {
  const { seriesCount } = options
  const sampler = createSampler(options)
  const strings = ['', 'ms']
  const refs = new Map()
  const ref = (text) => refs.get(text) ?? refs.set(text, strings.push(text) - 1).get(text)
  const series = Array.from({ length: seriesCount }, (_, i) => {
    const { name, tags } = sampler.series(i)
    const latency = sampler.isLatency(i)
    return {
      name: ref(name),
      kind: latency ? Kind.histogram : Kind.gauge,
      unit: latency ? 1 : 0,
      description: 0,
      attributes: Object.entries(tags).flatMap(([key, value]) => [ref(key), ref(value)]),
    }
  })
  return {
    /** Encodes the next `rows` samples as one batch. */
    batch(rows, streamId, sequence) {
      const samples = {
        count: rows,
        series: new Uint32Array(rows),
        timeMs: new Float64Array(rows),
        value: new Float64Array(rows),
      }
      for (let i = 0; i < rows; i++) {
        const sample = sampler.next()
        samples.series[i] = sample.series
        samples.timeMs[i] = sample.timeMs
        samples.value[i] = sample.value
      }
      return encodeBatch({
        sentTimeMs: Date.now(),
        batchId: idBytes(),
        streamId,
        sequence,
        baseTimeMs: samples.timeMs[0],
        strings,
        resource: [],
        series,
        samples,
        drops: [],
      })
    },
  }
}
