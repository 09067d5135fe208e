/** A real collector for a benchmark: the built binary on a free port, in a temporary folder, optionally pinned to one core. */
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const binary = fileURLToPath(new URL('../../packages/collector/bin/telltale.mjs', import.meta.url))
const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK']))

/**
 * @param {{ core?: number, dataDir?: string, flags?: string[], nodeArgs?: string[], env?: Record<string, string> }} [options]
 *   `core`: pin the collector's every thread to this core (needs `taskset`).
 */
export async function startCollector({
  core,
  dataDir = mkdtempSync(join(tmpdir(), 'telltale-bench-')),
  flags = [],
  nodeArgs = [],
  env = {},
} = {}) {
  // BENCH_NODE_ARGS='--cpu-prof --cpu-prof-dir=…' profiles the collector.
  const serve = [
    ...(process.env.BENCH_NODE_ARGS?.split(' ') ?? []),
    ...nodeArgs,
    binary,
    'serve',
    '--port',
    '0',
    '--data-dir',
    dataDir,
    ...flags,
  ]
  const [command, args] =
    core === undefined ? [process.execPath, serve] : ['taskset', ['-c', String(core), process.execPath, ...serve]]
  const startedAt = performance.now()
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TELLTALE_LOG_LEVEL: 'warn', ...env },
  })
  const url = await listening(child)
  const readyMs = performance.now() - startedAt
  return {
    url,
    dataDir,
    readyMs,
    pid: child.pid,
    key: (scope) =>
      JSON.parse(
        execFileSync(process.execPath, [
          binary,
          'keys',
          'create',
          '--project',
          'default',
          '--scope',
          scope,
          '--json',
          '--data-dir',
          dataDir,
        ]),
      ).key,
    cpuSeconds: () => {
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ')
      return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
    },
    rssMb: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024,
    peakRssMb: () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024,
    kill: () => stop(child, 'SIGKILL'),
    stop: () => stop(child, 'SIGTERM'),
    remove: () => rmSync(dataDir, { recursive: true, force: true }),
  }
}

function listening(child) {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stdout.on('data', (chunk) => {
      text += chunk
      const line = /^listening on (\S+)$/m.exec(text)
      if (line) resolve(line[1])
    })
    child.once('exit', (code) => reject(new Error(`the collector exited with ${code} before it was ready:\n${text}`)))
  })
}

function stop(child, signal) {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill(signal)
  })
}

export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1]
}

export const percentile = (values, p) => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(p * sorted.length) - 1))]
}
