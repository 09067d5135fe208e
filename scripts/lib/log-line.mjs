/** Turns the collector's JSON log lines into short lines for people; anything else passes as it is. */
import { cyan, dim, green, red, yellow } from './terminal.mjs'

const paints = { trace: dim, debug: dim, info: green, warn: yellow, error: red, fatal: red }

/** `raw` keeps lines as they are: for programs that read our output. */
export function formatLogLine(line, raw = !process.stdout.isTTY) {
  if (raw || !line.startsWith('{')) return line
  let entry
  try {
    entry = JSON.parse(line)
  } catch {
    return line
  }
  const { level, time, msg, ...rest } = entry
  if (typeof msg !== 'string') return line
  const clock = typeof time === 'string' ? time.slice(11, 19) : ''
  const fields = Object.entries(rest).map(
    ([key, value]) => `${cyan(key)}=${typeof value === 'object' ? JSON.stringify(value) : value}`,
  )
  return [dim(clock), (paints[level] ?? dim)(String(level).padEnd(5)), msg, ...fields].join(' ')
}
