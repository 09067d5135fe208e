/** Words and colours for people at a terminal; plain lines everywhere else. Used by every script. */

const colours = process.stdout.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb'
const paint = (code) => (text) => (colours ? `\x1b[${code}m${text}\x1b[0m` : String(text))

export const bold = paint('1')
export const dim = paint('2')
export const red = paint('31')
export const green = paint('32')
export const yellow = paint('33')
export const cyan = paint('36')

export function say(text = '') {
  process.stdout.write(`${text}\n`)
}

export function heading(text) {
  say(`\n${bold(cyan('▸'))} ${bold(text)}`)
}

/** An error whose message is meant for the reader as it is: no stack trace. */
export class Halt extends Error {
  name = 'Halt'
}

/** Runs a script's main function; a `Halt` ends it with its message and exit code 1. */
export async function main(run) {
  try {
    await run()
  } catch (error) {
    process.stderr.write(`\n${red('✗')} ${error instanceof Halt ? error.message : (error?.stack ?? error)}\n`)
    process.exitCode = 1
  }
}

/** "0.8 s", "1 m 12 s". */
export function duration(ms) {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  return `${Math.floor(ms / 60_000)} m ${Math.round((ms % 60_000) / 1000)} s`
}

/**
 * Says every so often that something long is still under way. `label` may be a function, for words that change with
 * what is going on. Returns a function that stops it.
 */
export function heartbeat(label, everyMs = 15_000) {
  const startedMs = Date.now()
  const timer = setInterval(() => {
    const text = typeof label === 'function' ? label() : label
    say(dim(`  … ${text} (${duration(Date.now() - startedMs)})`))
  }, everyMs)
  timer.unref()
  return () => clearInterval(timer)
}
