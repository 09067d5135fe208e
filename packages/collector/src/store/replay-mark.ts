/**
 * Remembers, across the death of the process, which journal entries were being replayed: a batch whose replay kills the
 * process again and again must not keep the collector from starting for ever.
 *
 *   decoding  entries that ingest turns into rows       ┐ who was there alone when the process died, twice in a row,
 *   flushing  entries whose rows travel to DuckDB       ┘ is set aside; where several were, they go one by one next time
 *
 * The file is written without fsync: the kernel keeps it when a process dies, and a power loss is no batch's fault.
 */
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { JournalEntry, OpenedStore, Replay } from './store.js'

/** Deaths of the process while an entry was alone, after which it is set aside. */
export const POISON_DEATHS = 2

const DOUBLES = 6
const DECODING = 0
const FLUSHING = 2
const COUNTED = 4

/** First and last `seq`. */
export interface SeqRange {
  from: number
  to: number
}

export class ReplayMark {
  readonly #path: string
  readonly #file: number
  readonly #values: Float64Array

  private constructor(path: string, file: number, values: Float64Array) {
    this.#path = path
    this.#file = file
    this.#values = values
  }

  /** Reads what an earlier start left behind. */
  static open(dataDir: string): ReplayMark {
    const path = markPath(dataDir)
    const file = openSync(path, 'a+', 0o600)
    closeSync(file)
    const updated = openSync(path, 'r+')
    const values = new Float64Array(DOUBLES)
    readSync(updated, values, 0, values.byteLength, 0)
    return new ReplayMark(path, updated, values)
  }

  /** Entries that were under way when the last replay died; undefined where it did not. */
  get suspects(): SeqRange | undefined {
    const [decodeFrom, decodeTo, flushFrom, flushTo] = this.#values as unknown as number[]
    const ranges = [
      { from: decodeFrom!, to: decodeTo! },
      { from: flushFrom!, to: flushTo! },
    ].filter(({ from }) => from > 0)
    if (ranges.length === 0) return undefined
    return { from: Math.min(...ranges.map(({ from }) => from)), to: Math.max(...ranges.map(({ to }) => to)) }
  }

  /** Counts a death against the one entry that was under way; returns how many it has now. */
  countDeath(seq: number): number {
    const deaths = (this.#values[COUNTED] === seq ? this.#values[COUNTED + 1]! : 0) + 1
    this.#write(COUNTED, seq, deaths)
    return deaths
  }

  decoding({ from, to }: SeqRange): void {
    this.#write(DECODING, from, to)
  }

  decoded(): void {
    this.#write(DECODING, 0, 0)
  }

  flushing({ from, to }: SeqRange): void {
    this.#write(FLUSHING, from, to)
  }

  flushed(): void {
    this.#write(FLUSHING, 0, 0)
  }

  /** Everything was replayed: nobody is under suspicion any more. */
  clear(): void {
    this.release()
    rmSync(this.#path, { force: true })
  }

  /** Lets go of the file and leaves the mark. */
  release(): void {
    closeSync(this.#file)
  }

  #write(at: number, first: number, second: number): void {
    this.#values[at] = first
    this.#values[at + 1] = second
    try {
      writeSync(this.#file, this.#values, at * 8, 16, at * 8)
    } catch {
      // A full disk: the mark is a precaution, and must not keep the collector from starting.
    }
  }
}

/**
 * `replay`, one entry at a time, each marked while it is decoded. For the thread that decodes: the engine, which sees only
 * whole chunks, has marked the chunk.
 */
export function markEach(dataDir: string, replay: Replay): Replay {
  return async (entries: JournalEntry[], known: OpenedStore) => {
    const mark = ReplayMark.open(dataDir)
    try {
      const columns = []
      for (const entry of entries) {
        mark.decoding({ from: entry.seq, to: entry.seq })
        columns.push(...(await replay([entry], known)))
      }
      return columns
    } finally {
      mark.release()
    }
  }
}

function markPath(dataDir: string): string {
  return join(dataDir, 'replay.mark')
}
