/** A collector for one measurement: a process of its own, so that sender and receiver do not share a thread, and its own data. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { CommandFailure } from '../failure.js'

export interface BenchCollector {
  url: string
  dataDir: string
  close(): Promise<void>
}

const startTimeoutMs = 30_000

/** `program` is the file of `telltale` itself. */
export async function startBenchCollector(program: string): Promise<BenchCollector> {
  const dataDir = mkdtempSync(join(tmpdir(), 'telltale-bench-'))
  const args = [program, 'serve', '--port', '0', '--data-dir', dataDir, '--log-level', 'error']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const close = async () => {
    await end(child)
    rmSync(dataDir, { recursive: true, force: true })
  }
  try {
    return { url: await listening(child), dataDir, close }
  } catch (error) {
    await close()
    throw error
  }
}

function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (what: string) => reject(new CommandFailure(`The collector for this measurement ${what}`))
    const timer = setTimeout(() => fail('did not start in time'), startTimeoutMs)
    child.once('error', (error) => fail(`could not be started: ${error.message}`))
    child.once('exit', (code) => fail(`ended with ${code}`))
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const url = /^listening on (\S+)/.exec(line)?.[1]
      if (url === undefined) return
      clearTimeout(timer)
      resolve(url)
    })
  })
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })
}
