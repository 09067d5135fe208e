/**
 * Reads OpenMetrics text with timestamps. Counters are cumulative there and deltas here: each sample becomes the growth
 * since the one before it of the same series, a fall is a restart from zero, and the first one is only a start.
 */
import { Kind, type KindCode } from '@telltale/protocol'
import { CommandFailure } from '../failure.js'
import { type Chunk, type ImportRow, linesOf, problemOf } from './rows.js'

interface Family {
  type: string
  unit: string
}

/** Suffixes by the type of the family: what they count up is a counter of its own here. */
const cumulativeSuffixes: Readonly<Record<string, readonly string[]>> = {
  counter: ['_total', ''],
  histogram: ['_bucket', '_count', '_sum'],
  summary: ['_count', '_sum'],
}

const sampleWithoutLabels =
  /^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)[ \t]+(?<value>\S+)(?:[ \t]+(?<time>[^#\s]\S*))?(?:[ \t]+#.*)?[ \t]*$/
/** The closing brace is searched outside of quotes: a label's value may hold one. */
const sampleWithLabels =
  /^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)\{(?<labels>(?:[^"}]|"(?:[^"\\]|\\.)*")*)\}[ \t]+(?<value>\S+)(?:[ \t]+(?<time>[^#\s]\S*))?(?:[ \t]+#.*)?[ \t]*$/
const label = /[ \t]*([a-zA-Z_][a-zA-Z0-9_.]*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*(?:,|$)/y

export async function* readOpenMetrics(path: string): AsyncGenerator<Chunk> {
  const reader = new OpenMetricsReader()
  for await (const { first, lines } of linesOf(path)) {
    const chunk: Chunk = { rows: [], bad: [] }
    for (const [i, text] of lines.entries()) reader.read(text, first + i, chunk)
    yield chunk
  }
  if (!reader.isComplete) {
    throw new CommandFailure(`${path} does not end with "# EOF", as OpenMetrics text must: it may have been cut short`)
  }
}

class OpenMetricsReader {
  readonly #families = new Map<string, Family>()
  /** Last value and time of each cumulative series, by its name and labels as they stand in the file. */
  readonly #last = new Map<string, { value: number; timeMs: number }>()
  isComplete = false

  read(text: string, line: number, chunk: Chunk): void {
    if (text === '' || this.isComplete) return
    if (text.startsWith('#')) this.#describe(text)
    else {
      const found = this.#sample(text, line)
      if (typeof found === 'string') chunk.bad.push({ line, reason: found })
      else if (found !== undefined) chunk.rows.push(found)
    }
  }

  /** A row, what is wrong with the line, or undefined where there is nothing to store. */
  #sample(text: string, line: number): ImportRow | string | undefined {
    const match = (text.includes('{') ? sampleWithLabels : sampleWithoutLabels).exec(text)
    if (match === null) return 'this is no sample'
    const { name, labels = '', value: valueText, time } = match.groups as Record<string, string | undefined>
    const tags = parseLabels(labels)
    if (tags === undefined) return 'the labels cannot be read'
    if (time === undefined) return 'there is no timestamp'
    const { kind, unit } = this.#kindOf(name!)
    if (kind === undefined) return undefined
    const timeMs = Math.floor(Number(time) * 1000)
    const row: ImportRow = { line, metric: name!, kind, unit, timeMs, value: Number(valueText), tags }
    const problem = problemOf(row)
    if (problem !== undefined || kind !== Kind.counter) return problem ?? row
    const series = `${name}{${labels}`
    const before = this.#last.get(series)
    if (before !== undefined && timeMs <= before.timeMs) return 'a counter must go forward in time'
    this.#last.set(series, { value: row.value, timeMs })
    if (before === undefined) return undefined
    return { ...row, value: row.value < before.value ? row.value : row.value - before.value }
  }

  #describe(text: string): void {
    const [, keyword, name, rest = ''] = text.split(/[ \t]+/, 4)
    if (keyword === 'EOF') this.isComplete = true
    if (name === undefined || (keyword !== 'TYPE' && keyword !== 'UNIT')) return
    const family = this.#families.get(name) ?? { type: 'unknown', unit: '' }
    this.#families.set(name, keyword === 'TYPE' ? { ...family, type: rest } : { ...family, unit: rest })
  }

  /** Without a kind: the sample says when a series began, which is no measurement. */
  #kindOf(name: string): { kind: KindCode | undefined; unit: string } {
    for (const suffix of ['', '_total', '_bucket', '_count', '_sum', '_created']) {
      if (!name.endsWith(suffix)) continue
      const family = this.#families.get(name.slice(0, name.length - suffix.length))
      if (family === undefined) continue
      const cumulative = cumulativeSuffixes[family.type]
      if (suffix === '_created' && cumulative !== undefined) return { kind: undefined, unit: '' }
      const unit = suffix === '_bucket' || suffix === '_count' ? '' : family.unit
      return { kind: cumulative?.includes(suffix) ? Kind.counter : Kind.gauge, unit }
    }
    return { kind: Kind.gauge, unit: '' }
  }
}

function parseLabels(text: string): string[] | undefined {
  const tags: string[] = []
  label.lastIndex = 0
  while (label.lastIndex < text.length) {
    const match = label.exec(text)
    if (match === null) return undefined
    const value = match[2]!.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
    if (value !== '') tags.push(match[1]!, value)
  }
  return tags
}
