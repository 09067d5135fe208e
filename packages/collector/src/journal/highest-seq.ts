/**
 * The highest batch that was ever durable, beside the database: SQLite takes a log that breaks off for one that ends, so
 * without this nobody would know what a damaged log has lost. Written after each commit and without fsync: a power loss
 * leaves an older number, which says too little and never too much.
 */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'

/** The number twice: damage here must not make up losses. Older versions wrote it once. */
export function readHighestSeq(path: string): number {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch {
    return 0
  }
  if (bytes.length !== 8 && bytes.length !== 16) return 0
  const highest = bytes.readDoubleLE(0)
  if (bytes.length === 16 && bytes.readDoubleLE(8) !== highest) return 0
  return Number.isSafeInteger(highest) && highest > 0 && highest < 2 ** 48 ? highest : 0
}

export class HighestSeq {
  readonly #file: number
  readonly #bytes = Buffer.alloc(16)

  constructor(path: string) {
    closeSync(openSync(path, 'a', 0o600))
    this.#file = openSync(path, 'r+')
  }

  write(seq: number): void {
    this.#bytes.writeDoubleLE(seq, 0)
    this.#bytes.writeDoubleLE(seq, 8)
    try {
      writeSync(this.#file, this.#bytes, 0, 16, 0)
    } catch {
      // A full disk: the number is a precaution.
    }
  }

  close(): void {
    closeSync(this.#file)
  }
}
