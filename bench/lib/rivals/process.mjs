/** A rival as Debian packages it: started on one core with a folder of its own, watched, and stopped by its own process. */
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'

const ticks = Number(execFileSync('getconf', ['CLK_TCK']))

export function newFolder(name) {
  return mkdtempSync(join(tmpdir(), `${name}-bench-`))
}

/** `health`: a path that answers 2xx once the server is ready. */
export async function startServer({ binary, args, env = {}, port, folder, health }) {
  const child = spawn('taskset', ['-c', '0', binary, ...args], {
    stdio: 'ignore',
    env: { ...process.env, GOMAXPROCS: '1', ...env },
  })
  const url = `http://127.0.0.1:${port}`
  const isReady = () =>
    fetch(`${url}${health}`).then(
      (response) => response.ok,
      () => false,
    )
  for (let i = 0; i < 100 && !(await isReady()); i++) await sleep(100)
  const pool = new Pool(url, { connections: 8 })
  return {
    url,
    async post(path, body, headers = {}) {
      const response = await pool.request({ path, method: 'POST', body, headers })
      const text = await response.body.text()
      if (response.statusCode >= 300) throw new Error(`${binary}: ${response.statusCode} ${text}`)
      return text
    },
    async get(path) {
      const response = await pool.request({ path, method: 'GET' })
      const text = await response.body.text()
      if (response.statusCode !== 200) throw new Error(`${binary}: ${response.statusCode} ${text}`)
      return JSON.parse(text)
    },
    cpuSeconds: () => {
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ')
      return (Number(fields[11]) + Number(fields[12])) / ticks
    },
    peakRssMb: () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024,
    async stop() {
      await pool.close()
      await new Promise((resolve) => {
        child.once('exit', resolve)
        child.kill('SIGTERM')
      })
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export function bytesBelow(folder) {
  return Number(execFileSync('du', ['-sb', folder]).toString().split('\t')[0])
}

export function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

/** The question in PromQL; a quantile is one of quantiles, the nearest that there is over plain samples. */
export function promQl({ metric, aggregation, by, startMs, endMs, step }) {
  const name = metric.replaceAll('.', '_')
  const span = step ?? Math.round((endMs - startMs) / 1000)
  const quantile = { p95: 0.95, p99: 0.99 }[aggregation]
  const inner = quantile
    ? `quantile_over_time(${quantile}, ${name}[${span}s])`
    : `${aggregation}_over_time(${name}[${span}s])`
  const query = encodeURIComponent(
    quantile ? `quantile by (${by}) (${quantile}, ${inner})` : `${aggregation} by (${by}) (${inner})`,
  )
  return step
    ? `/api/v1/query_range?query=${query}&start=${startMs / 1000}&end=${endMs / 1000}&step=${step}s`
    : `/api/v1/query?query=${query}&time=${endMs / 1000}`
}

/** The samples of a batch by series: { series, times, values } of each that has some. */
export function bySeries(sampler, seriesCount, rows) {
  const columns = Array.from({ length: seriesCount }, (_, series) => ({ series, times: [], values: [] }))
  for (let i = 0; i < rows; i++) {
    const { series, timeMs, value } = sampler.next()
    columns[series].times.push(timeMs)
    columns[series].values.push(value)
  }
  return columns.filter(({ times }) => times.length > 0)
}
