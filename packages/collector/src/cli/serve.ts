/** `telltale serve`: the life of the process around a collector, from its first key to its last signal. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Config, isLoopback } from '../config.js'
import type { Logger } from '../log.js'
import type { Demo } from './demo.js'
import { forgetRunning, noteRunning } from './running.js'

export interface ServeFlags {
  host?: string
  port?: string
  config?: string
  logLevel?: string
  behindProxy?: boolean
  localViewer?: boolean
  demo?: boolean
}

/** What this command needs of a collector. */
export interface Served {
  url: string
  firstKey?: string
  demoKey(): string
  close(): Promise<void>
}

export interface ServeOptions {
  log: Logger
  create(onFatal: (error: Error) => void): Promise<Served>
  demo?(endpoint: string, apiKey: string): Demo
}

/** Time beyond the drain that closing may take before the process ends anyway. */
const closeGraceMs = 5000

/** Resolves once the collector has been stopped by a signal; rejects where it cannot start. */
export async function serve(config: Config, { log, create, demo }: ServeOptions): Promise<void> {
  warnIfExposed(config, log)
  const stop = stopSignal()
  const collector = await create((error) => {
    // Nothing can be acknowledged any more; whoever supervises the process starts it again, and replay does the rest.
    process.stderr.write(`telltale: storage has failed: ${error.message}. Start the collector again\n`)
    process.exit(1)
  })
  let running: Demo | undefined
  try {
    if (collector.firstKey) tellFirstKey(collector.firstKey, config.dataDir, log)
    noteRunning(config.dataDir, { url: reachable(collector.url), pid: process.pid, maxAgeMs: config.ingest.maxAgeMs })
    process.stdout.write(`listening on ${collector.url}\n`)
    running = demo?.(collector.url, collector.demoKey())
  } catch (error) {
    await collector.close()
    throw error
  }
  const signal = await stop
  log.info({ signal }, 'stopping; open requests are finished first')
  const overdue = setTimeout(() => {
    log.error('closing took too long')
    process.exit(1)
  }, config.drainTimeoutMs + closeGraceMs)
  // The demo first, so that what it holds still gets in.
  await running?.stop()
  forgetRunning(config.dataDir)
  await collector.close()
  clearTimeout(overdue)
  log.info('stopped; everything that was acknowledged is on disk')
}

/** An address that stands for all of the machine's is one to listen on, not one to call. */
function reachable(url: string): string {
  return url.replace('://0.0.0.0:', '://127.0.0.1:').replace('://[::]:', '://[::1]:')
}

/** The first signal asks for a clean stop; a second one does not wait for it. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let asked = false
    const onSignal = (signal: NodeJS.Signals) => {
      if (asked) process.exit(signal === 'SIGINT' ? 130 : 143)
      asked = true
      resolve(signal)
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
  })
}

function warnIfExposed({ host, behindProxy }: Config, log: Logger): void {
  if (isLoopback(host) || behindProxy) return
  log.warn(
    { host },
    'keys and data travel unencrypted to this address: put TLS in front and say --behind-proxy, or listen on 127.0.0.1',
  )
}

/** Shown to a person once; where nobody looks it goes to a file that only this user can read. */
function tellFirstKey(key: string, dataDir: string, log: Logger): void {
  if (process.stdout.isTTY) {
    process.stdout.write(`\nAdmin key of project "default". It is shown this once:\n\n  ${key}\n\n`)
    return
  }
  const path = join(dataDir, 'admin-key')
  writeFileSync(path, `${key}\n`, { mode: 0o600 })
  log.info({ path }, 'the admin key of project "default" is in this file')
}
