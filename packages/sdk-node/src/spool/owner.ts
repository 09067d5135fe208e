/**
 * Who owns which folder below the spool. Each client has one of its own; the folders of clients that ended are taken over.
 *
 *   spool/3f…e1.alive     who it is, touched every ten seconds
 *   spool/3f…e1.0/        its segments
 *   spool/3f…e1.1/        a folder that it took over, by renaming it
 *
 * Renaming is atomic, so one claimant wins. If an owner only seemed dead (a suspended machine), both send the same batches
 * under the same ids, and the collector takes each once.
 */
import { randomBytes } from 'node:crypto'
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'

export const heartbeatMs = 10_000
/** Of an owner on another machine, or whose process id is in use again. */
const deadAfterMs = 60_000
/** Two readings of when a process started differ by less. */
const sameStartMs = 2000

const folderPattern = /^([0-9a-f]{16})\.\d+$/

interface Identity {
  pid: number
  host: string
  startedMs: number
}

/** Of this thread: clients that are open. */
const mine = new Set<string>()

export class Owner {
  readonly #base: string
  readonly #id = randomBytes(8).toString('hex')
  #folders = 0

  /** Makes a folder for this client; throws where the disk does not allow it. */
  constructor(base: string) {
    this.#base = base
    mkdirSync(base, { recursive: true })
    const identity: Identity = { pid: process.pid, host: hostname(), startedMs: startedMs() }
    mine.add(this.#id)
    writeFileSync(this.#aliveFile(this.#id), JSON.stringify(identity))
  }

  /** A new folder, before the first segment is written to it. */
  makeFolder(): string {
    const folder = this.#nextFolder()
    mkdirSync(folder)
    return folder
  }

  /** Keeps others from taking over. False where it is too late: somebody has. */
  beat(): boolean {
    try {
      const now = new Date()
      utimesSync(this.#aliveFile(this.#id), now, now)
      return true
    } catch {
      return false
    }
  }

  /** Takes over the folders of owners that have ended, oldest first. */
  claim(): string[] {
    const claimed: { folder: string; sinceMs: number }[] = []
    const dead = new Set<string>()
    for (const name of readdirSync(this.#base)) {
      const owner = folderPattern.exec(name)?.[1]
      if (owner === undefined || this.#isAlive(owner)) continue
      dead.add(owner)
      const folder = this.#nextFolder()
      try {
        const sinceMs = statSync(join(this.#base, name)).mtimeMs
        renameSync(join(this.#base, name), folder)
        claimed.push({ folder, sinceMs })
      } catch {
        // Another process was first.
      }
    }
    for (const owner of dead) this.#remove(this.#aliveFile(owner))
    return claimed.sort((a, b) => a.sinceMs - b.sinceMs).map(({ folder }) => folder)
  }

  /** Gives a folder back to the disk; false where it is not empty. */
  removeFolder(folder: string): boolean {
    try {
      rmdirSync(folder)
      return true
    } catch {
      return false
    }
  }

  /** What is left is anybody's from now on. */
  end(): void {
    mine.delete(this.#id)
    this.#remove(this.#aliveFile(this.#id))
  }

  #nextFolder(): string {
    return join(this.#base, `${this.#id}.${this.#folders++}`)
  }

  #aliveFile(id: string): string {
    return join(this.#base, `${id}.alive`)
  }

  #isAlive(id: string): boolean {
    if (mine.has(id)) return true
    const file = this.#aliveFile(id)
    try {
      const { pid, host, startedMs: since } = JSON.parse(readFileSync(file, 'utf8')) as Identity
      if (host === hostname()) {
        // Containers start over with the same process id.
        if (pid === process.pid && Math.abs(since - startedMs()) > sameStartMs) return false
        if (!isRunning(pid)) return false
      }
      return Date.now() - statSync(file).mtimeMs < deadAfterMs
    } catch {
      // The file is made before the folder and removed after it: without it, nobody is there.
      return false
    }
  }

  #remove(file: string): void {
    try {
      unlinkSync(file)
    } catch {
      // Somebody else has.
    }
  }
}

function startedMs(): number {
  return Math.round(Date.now() - process.uptime() * 1000)
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Not permitted means that it exists.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
