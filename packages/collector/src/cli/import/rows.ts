/** Rows of a file to import, as its readers give them: good ones, and lines that cannot be read with the reason. */
import { createReadStream } from 'node:fs'
import { Kind, type KindCode } from '@telltale/protocol'
import { CommandFailure } from '../failure.js'

export interface ImportRow {
  /** Line in the file, from 1; for Parquet the row. */
  line: number
  metric: string
  kind: KindCode
  unit: string
  timeMs: number
  value: number
  /** Flat names and values. */
  tags: readonly string[]
}

export interface BadLine {
  line: number
  reason: string
}

/** A piece of the file, in order. */
export interface Chunk {
  rows: ImportRow[]
  bad: BadLine[]
}

export type Reader = AsyncIterable<Chunk>

/** Kinds that single values can be given as; a counter's are deltas. */
export const kinds: Readonly<Record<string, KindCode>> = {
  gauge: Kind.gauge,
  counter: Kind.counter,
  histogram: Kind.histogram,
}

const chunkBytes = 1024 * 1024
const maxLineLength = 4 * 1024 * 1024
/** Smaller numbers are seconds: as milliseconds they would lie before March 1973. */
const millisecondsFrom = 1e11
const isoTime = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?<zone>Z|[+-]\d\d:?\d\d)?)?$/i

/** Lines by the piece, with the number of the first. */
export async function* linesOf(path: string): AsyncGenerator<{ first: number; lines: string[] }> {
  let rest = ''
  let first = 1
  for await (const piece of createReadStream(path, { encoding: 'utf8', highWaterMark: chunkBytes })) {
    const lines = (rest + (piece as string)).split('\n')
    rest = lines.pop() as string
    if (rest.length > maxLineLength)
      throw new CommandFailure(`${path}: line ${first + lines.length} is too long for text`)
    if (lines.length === 0) continue
    yield { first, lines: lines.map(withoutReturn) }
    first += lines.length
  }
  if (rest !== '') yield { first, lines: [withoutReturn(rest)] }
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}

/** ISO 8601 (UTC where it names no zone), Unix seconds or Unix milliseconds; NaN for anything else. */
export function parseTime(text: string): number {
  const trimmed = text.trim()
  if (trimmed === '') return Number.NaN
  const number = Number(trimmed)
  if (!Number.isNaN(number)) return numberTime(number)
  const match = isoTime.exec(trimmed)
  if (match === null) return Number.NaN
  const iso = trimmed.replace(' ', 'T')
  return Date.parse(iso.includes('T') && match.groups?.zone === undefined ? `${iso}Z` : iso)
}

export function numberTime(number: number): number {
  return Math.floor(Math.abs(number) < millisecondsFrom ? number * 1000 : number)
}

/** What a row lacks to be sent, or undefined. The collector has further rules and its own words for them. */
export function problemOf({ timeMs, value }: { timeMs: number; value: number }): string | undefined {
  if (!Number.isFinite(timeMs) || timeMs < 0) return 'the timestamp cannot be read'
  if (!Number.isFinite(value)) return 'the value is no finite number'
  return undefined
}
