/** InfluxDB 1 as Debian packages it, by its line protocol; its log is flushed to the disk at each write. */
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { createSampler } from '../workload.mjs'
import { bytesBelow, freePort, newFolder, startServer } from './process.mjs'

const binary = '/usr/bin/influxd'

export const influx = {
  name: 'InfluxDB 1 (durable acks)',
  missing: () => (existsSync(binary) ? undefined : 'apt-get install influxdb'),
  /** It takes ten times as long. */
  share: 0.2,

  bodies({ seriesCount, samples, rows, startMs }) {
    const sampler = createSampler({ seriesCount, startMs })
    const heads = Array.from({ length: seriesCount }, (_, series) => {
      const { name, tags } = sampler.series(series)
      const sorted = Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1))
      return [name, ...sorted.map(([key, value]) => `${key}=${value}`)].join(',')
    })
    return Array.from({ length: samples / rows }, () => {
      const lines = Array.from({ length: rows }, () => {
        const { series, timeMs, value } = sampler.next()
        return `${heads[series]} value=${value} ${timeMs}`
      })
      return Buffer.from(lines.join('\n'))
    })
  },

  async start() {
    const folder = newFolder('influx')
    const [port, rpcPort] = [await freePort(), await freePort()]
    const env = {
      INFLUXDB_REPORTING_DISABLED: 'true',
      INFLUXDB_BIND_ADDRESS: `127.0.0.1:${rpcPort}`,
      INFLUXDB_HTTP_BIND_ADDRESS: `127.0.0.1:${port}`,
      INFLUXDB_HTTP_LOG_ENABLED: 'false',
      INFLUXDB_META_DIR: `${folder}/meta`,
      INFLUXDB_DATA_DIR: `${folder}/data`,
      INFLUXDB_DATA_WAL_DIR: `${folder}/wal`,
      INFLUXDB_DATA_INDEX_VERSION: 'inmem',
      // What has gone cold is compacted at once, so that its size can be seen.
      INFLUXDB_DATA_CACHE_SNAPSHOT_WRITE_COLD_DURATION: '5s',
      INFLUXDB_DATA_COMPACT_FULL_WRITE_COLD_DURATION: '5s',
    }
    const server = await startServer({ binary, args: [], env, port, folder, health: '/ping' })
    await server.post(`/query?q=${encodeURIComponent('CREATE DATABASE bench')}`, '')
    return {
      ...server,
      send: (body) => server.post('/write?db=bench&precision=ms', body),
      settle: () => sleep(25_000),
      diskBytes: () => bytesBelow(`${folder}/data/bench/autogen`),
      async query({ metric, aggregation, by, startMs, endMs, step }) {
        const value = { avg: 'mean(value)', max: 'max(value)', p95: 'percentile(value, 95)' }[aggregation]
        const groups = step ? `time(${step}s), ${by}` : by
        const sql = `SELECT ${value} FROM "${metric}" WHERE time >= ${startMs}ms AND time < ${endMs}ms GROUP BY ${groups}`
        const answer = await server.get(`/query?db=bench&epoch=ms&q=${encodeURIComponent(sql)}`)
        return answer.results[0].series?.length ?? 0
      },
    }
  },
}
