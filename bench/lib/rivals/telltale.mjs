/** Ourselves as a contestant of `bench/rivals.mjs`: protobuf batches, acknowledged after fsync. */
import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'
import { startCollector } from '../collector.mjs'
import { createWorkload, idBytes } from '../workload.mjs'

export const telltale = {
  name: 'Telltale (durable acks)',
  missing: () => undefined,

  bodies({ seriesCount, samples, rows, startMs, stepMs }) {
    const workload = createWorkload({ seriesCount, startMs, stepMs })
    const stream = idBytes()
    return Array.from({ length: samples / rows }, (_, sequence) => workload.batch(rows, stream, sequence))
  },

  async start() {
    const collector = await startCollector({
      core: 0,
      env: {
        TELLTALE_INGEST_MAX_AGE: '3650d',
        TELLTALE_STORAGE_SEAL_INTERVAL: '10s',
        TELLTALE_STORAGE_COMPACTION_QUIET: '0s',
      },
    })
    const admin = collector.key('admin')
    const pool = new Pool(collector.url, { connections: 8 })
    const headers = { authorization: `Bearer ${admin}`, 'content-type': 'application/x-protobuf' }
    return {
      ...collector,
      async send(body) {
        const response = await pool.request({ path: '/v1/ingest', method: 'POST', headers, body })
        const answer = await response.body.text()
        // Sealing is behind: the batch waits, as it would at a sender.
        if (response.statusCode === 503) {
          await sleep(50)
          return this.send(body)
        }
        if (response.statusCode !== 200) throw new Error(`telltale: ${response.statusCode} ${answer}`)
      },
      /** Longer than the age at which rows are sealed here, and than compaction takes. */
      settle: () => sleep(32_000),
      diskBytes: () =>
        Number(
          execFileSync('du', ['-sb', `${collector.dataDir}/segments`])
            .toString()
            .split('\t')[0],
        ),
      async query({ metric, aggregation, by, startMs, endMs, step }) {
        const response = await pool.request({
          path: '/api/v1/metrics/query',
          method: 'POST',
          headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' },
          body: JSON.stringify({
            metric_name: metric,
            aggregation,
            group_by: [by],
            time_range: { start: startMs, end: endMs },
            ...(step && { step: `${step}s` }),
            format: 'columns',
          }),
        })
        const answer = await response.body.json()
        if (response.statusCode !== 200) throw new Error(`telltale: ${JSON.stringify(answer)}`)
        return answer.series.length
      },
      async stop() {
        await pool.close()
        await collector.stop()
        collector.remove()
      },
    }
  },
}
