/** Which collector serves from a data folder: `serve` leaves a note there while it listens, and other commands read it. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface RunningCollector {
  url: string
  pid: number
  /** Oldest rows that it takes, milliseconds before now. */
  maxAgeMs: number
}

const noteName = 'collector.json'
const probeTimeoutMs = 2000

export function noteRunning(dataDir: string, collector: RunningCollector): void {
  const path = join(dataDir, noteName)
  writeFileSync(`${path}.tmp`, `${JSON.stringify(collector)}\n`, { mode: 0o600 })
  renameSync(`${path}.tmp`, path)
}

export function forgetRunning(dataDir: string): void {
  rmSync(join(dataDir, noteName), { force: true })
}

/** Undefined where nothing serves; a note that a killed collector left behind is seen through. */
export async function findRunning(dataDir: string): Promise<RunningCollector | undefined> {
  let note: RunningCollector
  try {
    note = JSON.parse(readFileSync(join(dataDir, noteName), 'utf8')) as RunningCollector
    if (!isAlive(note.pid)) return undefined
    const response = await fetch(`${note.url}/healthz`, { signal: AbortSignal.timeout(probeTimeoutMs) })
    await response.body?.cancel()
    return response.ok ? note : undefined
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
