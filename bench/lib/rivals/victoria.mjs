/** VictoriaMetrics as Debian packages it, by the fastest way in that it has: JSON lines of one series' columns each. */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'
import { createSampler } from '../workload.mjs'

const binary = '/usr/bin/victoria-metrics'

export const victoria = {
  name: 'VictoriaMetrics (no durable acks)',
  missing: () => (existsSync(binary) ? undefined : 'apt-get install victoria-metrics'),

  bodies({ seriesCount, samples, rows, startMs }) {
    const sampler = createSampler({ seriesCount, startMs })
    return Array.from({ length: samples / rows }, () => {
      const columns = Array.from({ length: seriesCount }, () => ({ values: [], timestamps: [] }))
      for (let i = 0; i < rows; i++) {
        const { series, timeMs, value } = sampler.next()
        columns[series].values.push(value)
        columns[series].timestamps.push(timeMs)
      }
      const lines = columns.flatMap(({ values, timestamps }, series) => {
        if (values.length === 0) return []
        const { name, tags } = sampler.series(series)
        return JSON.stringify({ metric: { __name__: name.replaceAll('.', '_'), ...tags }, values, timestamps })
      })
      return Buffer.from(lines.join('\n'))
    })
  },

  async start() {
    const folder = mkdtempSync(join(tmpdir(), 'victoria-bench-'))
    const port = await freePort()
    const args = [
      `-httpListenAddr=127.0.0.1:${port}`,
      `-storageDataPath=${folder}`,
      '-retentionPeriod=12',
      '-loggerLevel=ERROR',
      '-search.disableCache',
      '-search.latencyOffset=0s',
    ]
    const child = spawn('taskset', ['-c', '0', binary, ...args], {
      stdio: 'ignore',
      env: { ...process.env, GOMAXPROCS: '1' },
    })
    const url = `http://127.0.0.1:${port}`
    for (
      let i = 0;
      i < 100 &&
      !(await fetch(`${url}/health`).then(
        (r) => r.ok,
        () => false,
      ));
      i++
    )
      await sleep(100)
    const pool = new Pool(url, { connections: 8 })
    const ticks = Number(execFileSync('getconf', ['CLK_TCK']))
    return {
      async send(body) {
        const response = await pool.request({ path: '/api/v1/import', method: 'POST', body })
        await response.body.dump()
        if (response.statusCode >= 300) throw new Error(`VictoriaMetrics: ${response.statusCode}`)
      },
      async settle() {
        await fetch(`${url}/internal/force_flush`)
        await fetch(`${url}/internal/force_merge`)
        await sleep(20_000)
      },
      cpuSeconds: () => {
        const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ')
        return (Number(fields[11]) + Number(fields[12])) / ticks
      },
      peakRssMb: () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024,
      diskBytes: () =>
        Number(
          execFileSync('du', ['-sb', `${folder}/data`])
            .toString()
            .split('\t')[0],
        ),
      async query({ metric, aggregation, by, startMs, endMs, step }) {
        const name = metric.replaceAll('.', '_')
        const span = step ?? Math.round((endMs - startMs) / 1000)
        const quantile = { p95: 0.95, p99: 0.99 }[aggregation]
        // A quantile of quantiles: the nearest that there is over plain samples, and not a true one.
        const inner = quantile
          ? `quantile_over_time(${quantile}, ${name}[${span}s])`
          : `${aggregation}_over_time(${name}[${span}s])`
        const outer = quantile ? `quantile by (${by}) (${quantile}, ${inner})` : `${aggregation} by (${by}) (${inner})`
        const path = step
          ? `/api/v1/query_range?query=${encodeURIComponent(outer)}&start=${startMs / 1000}&end=${endMs / 1000}&step=${step}s&nocache=1`
          : `/api/v1/query?query=${encodeURIComponent(outer)}&time=${endMs / 1000}&nocache=1`
        const response = await pool.request({ path, method: 'GET' })
        const answer = await response.body.json()
        if (response.statusCode !== 200) throw new Error(`VictoriaMetrics: ${JSON.stringify(answer)}`)
        return answer.data.result.length
      },
      async stop() {
        await pool.close()
        await new Promise((resolve) => {
          child.once('exit', resolve)
          child.kill('SIGTERM')
        })
        rmSync(folder, { recursive: true, force: true })
      },
    }
  },
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}
