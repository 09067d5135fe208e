/**
 * The highest batch that was ever durable, beside the database: SQLite takes a log that breaks off for one that ends, so
 * without this nobody would know what a damaged log has lost. Written after each commit and without fsync: a power loss
 * leaves an older number, which says too little and never too much.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs'

export class HighestSeq {
  readonly #file: number
  readonly #value = new Float64Array(1)

  constructor(path: string) {
    closeSync(openSync(path, 'a', 0o600))
    this.#file = openSync(path, 'r+')
  }

  read(): number {
    this.#value[0] = 0
    const bytes = readSync(this.#file, this.#value, 0, 8, 0)
    const [highest] = this.#value as unknown as [number]
    // Damage here must not make up losses: no store gets this far.
    return bytes === 8 && Number.isSafeInteger(highest) && highest > 0 && highest < 2 ** 48 ? highest : 0
  }

  write(seq: number): void {
    this.#value[0] = seq
    try {
      writeSync(this.#file, this.#value, 0, 8, 0)
    } catch {
      // A full disk: the number is a precaution.
    }
  }

  close(): void {
    closeSync(this.#file)
  }
}
