/**
 * What storage does when its disk is full, and until there is room again.
 *
 *   full ─► batches are refused at once ─► the reserve file goes ─► seal and trim in its room ─┐
 *    ok ◄── the reserve is there again ◄── room for it, and as much again, is free ◄───────────┘ each second
 *
 * Without a reserve a full disk stops sealing, too, which is what would make room: rows are several times larger in the
 * journal than in segments.
 */
import { open, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { TelltaleError } from '../errors.js'
import { messageOf } from '../journal/index.js'
import { fileSize } from './disk.js'
import type { Log } from './options.js'

const CHECK_MS = 1000
const RETRY_SECONDS = 5
/** The reserve takes no more than this part of the disk. */
const SMALL_DISK_SHARE = 16
const CHUNK = new Uint8Array(1024 * 1024)
/** A start with less room than this begins as on a full disk: SQLite needs some to open its files. */
const TIGHT_BYTES = 4 * 1024 * 1024

export interface FullDiskOptions {
  dataDir: string
  /** Size of the reserve file; 0: none, and every batch tries the disk anew. */
  reserveBytes: number
  log: Log
  /** Moves rows from the journal into segments and gives the room back. May fail. */
  makeRoom: () => Promise<void>
}

export class FullDisk {
  readonly #options: FullDiskOptions
  readonly #path: string
  #isFull = false
  #timer: NodeJS.Timeout | undefined
  #recovering: Promise<void> | undefined
  #closed = false

  constructor(options: FullDiskOptions) {
    this.#options = options
    this.#path = join(options.dataDir, 'reserve')
  }

  get isFull(): boolean {
    return this.#isFull
  }

  /** Before anything is written: gives the reserve up where there is too little room to start with. */
  static async beforeOpen(dataDir: string): Promise<void> {
    if ((await freeBytes(dataDir)) < TIGHT_BYTES) await rm(join(dataDir, 'reserve'), { force: true })
  }

  /** Makes the reserve where there is none; a disk without room for it counts as full. */
  async start(): Promise<void> {
    if (this.#options.reserveBytes === 0) return
    if (!(await this.#refill())) this.enter('there is no room for the reserve')
  }

  /** Throws `storage_full` while the disk is full. */
  requireRoom(): void {
    if (!this.#isFull) return
    throw new TelltaleError('storage_full', 'The disk is full. Free some space; storage goes on by itself.', {
      retryAfterSeconds: RETRY_SECONDS,
    })
  }

  /** To be called where a write found no room. */
  enter(reason: string): void {
    const { reserveBytes, log, dataDir } = this.#options
    if (this.#isFull || this.#closed || reserveBytes === 0) return
    this.#isFull = true
    log('error', 'the disk is full: batches are refused until there is room', { dataDir, reason })
    this.#timer = setInterval(() => this.#tick(), CHECK_MS).unref()
    this.#tick()
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#timer)
    await this.#recovering
  }

  #tick(): void {
    this.#recovering ??= this.#recover()
      .catch((error: unknown) => {
        if (!this.#closed) this.#options.log('debug', 'still no room on the disk', { error: messageOf(error) })
      })
      .finally(() => {
        this.#recovering = undefined
      })
  }

  async #recover(): Promise<void> {
    const { log, makeRoom } = this.#options
    await rm(this.#path, { force: true })
    await makeRoom()
    if (this.#closed || !(await this.#refill())) return
    clearInterval(this.#timer)
    this.#isFull = false
    log('info', 'there is room on the disk again: batches are taken', {})
  }

  /** False where the disk has no room for the reserve and as much again. */
  async #refill(): Promise<boolean> {
    const { dataDir } = this.#options
    const { blocks, bsize } = await statfs(dataDir)
    const reserveBytes = Math.min(this.#options.reserveBytes, Math.floor((blocks * bsize) / SMALL_DISK_SHARE))
    if ((await fileSize(this.#path)) === reserveBytes) return true
    if ((await freeBytes(dataDir)) < 2 * reserveBytes) return false
    // Written out: a file with a hole would reserve nothing.
    const file = await open(this.#path, 'w', 0o600)
    try {
      for (let left = reserveBytes; left > 0; left -= CHUNK.length) {
        await file.write(CHUNK, 0, Math.min(left, CHUNK.length))
      }
      await file.sync()
      return true
    } catch (error) {
      await rm(this.#path, { force: true })
      throw error
    } finally {
      await file.close()
    }
  }
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}
