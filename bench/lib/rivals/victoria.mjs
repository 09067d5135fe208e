/** VictoriaMetrics as Debian packages it, by the fastest way in that it has: JSON lines of one series' columns each. */
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { createSampler } from '../workload.mjs'
import { bySeries, bytesBelow, freePort, newFolder, promQl, startServer } from './process.mjs'

const binary = '/usr/bin/victoria-metrics'

export const victoria = {
  name: 'VictoriaMetrics (no durable acks)',
  missing: () => (existsSync(binary) ? undefined : 'apt-get install victoria-metrics'),

  bodies({ seriesCount, samples, rows, startMs, stepMs }) {
    const sampler = createSampler({ seriesCount, startMs, stepMs })
    return Array.from({ length: samples / rows }, () => {
      const lines = bySeries(sampler, seriesCount, rows).map(({ series, times, values }) => {
        const { name, tags } = sampler.series(series)
        const metric = { __name__: name.replaceAll('.', '_'), ...tags }
        return JSON.stringify({ metric, values, timestamps: times })
      })
      return Buffer.from(lines.join('\n'))
    })
  },

  async start() {
    const folder = newFolder('victoria')
    const port = await freePort()
    const args = [
      `-httpListenAddr=127.0.0.1:${port}`,
      `-storageDataPath=${folder}`,
      '-retentionPeriod=12',
      '-loggerLevel=ERROR',
      '-search.disableCache',
      '-search.latencyOffset=0s',
    ]
    const server = await startServer({ binary, args, port, folder, health: '/health' })
    return {
      ...server,
      send: (body) => server.post('/api/v1/import', body),
      async settle() {
        await fetch(`${server.url}/internal/force_flush`)
        await fetch(`${server.url}/internal/force_merge`)
        await sleep(20_000)
      },
      diskBytes: () => bytesBelow(`${folder}/data`),
      query: async (question) => (await server.get(`${promQl(question)}&nocache=1`)).data.result.length,
    }
  },
}
