/** Runs the bundled demo workload, a worker app and simulated visitors, as child processes of their own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Logger } from '../log.js'
import { CommandFailure } from './failure.js'

export interface DemoOptions {
  /** Folder of `worker.js` and `visitors.js`. */
  folder: URL
  endpoint: string
  apiKey: string
  rate?: number
  log: Logger
}

export interface Demo {
  /** Lets the children flush, then ends them. */
  stop(): Promise<void>
}

const parts = ['worker', 'visitors'] as const
const firstBackoffMs = 1000
const maxBackoffMs = 30_000
/** A child that ran this long was healthy: its next restart does not wait for the sins of its ancestors. */
const healthyMs = 60_000
const stopGraceMs = 3000

export function startDemo(options: DemoOptions): Demo {
  for (const part of parts) {
    const path = fileURLToPath(new URL(`${part}.js`, options.folder))
    if (!existsSync(path)) throw new CommandFailure(`The demo is not part of this build (${path} is missing)`)
  }
  const children = parts.map((part) => keepRunning(part, options))
  return {
    async stop() {
      await Promise.all(children.map((child) => child.stop()))
    },
  }
}

function keepRunning(part: string, { folder, endpoint, apiKey, rate, log }: DemoOptions): Demo {
  let child: ChildProcess | undefined
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  let backoffMs = firstBackoffMs
  const start = () => {
    const startedMs = Date.now()
    child = spawn(process.execPath, [fileURLToPath(new URL(`${part}.js`, folder))], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        TELLTALE_ENDPOINT: endpoint,
        TELLTALE_API_KEY: apiKey,
        ...(rate === undefined ? {} : { TELLTALE_DEMO_RATE: String(rate) }),
      },
    })
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => log.debug({ demo: part }, line))
    }
    child.on('error', (error) => log.warn({ demo: part, err: error }, 'the demo could not be started'))
    child.on('exit', (code, signal) => {
      child = undefined
      if (stopped) return
      if (Date.now() - startedMs >= healthyMs) backoffMs = firstBackoffMs
      log.warn({ demo: part, code, signal, restart_in_ms: backoffMs }, 'the demo ended and will be started again')
      timer = setTimeout(start, backoffMs)
      timer.unref()
      backoffMs = Math.min(backoffMs * 2, maxBackoffMs)
    })
  }
  start()
  return {
    stop: () =>
      new Promise((resolve) => {
        stopped = true
        clearTimeout(timer)
        if (!child) return resolve()
        const running = child
        const hard = setTimeout(() => running.kill('SIGKILL'), stopGraceMs)
        running.once('exit', () => {
          clearTimeout(hard)
          resolve()
        })
        running.kill('SIGTERM')
      }),
  }
}
