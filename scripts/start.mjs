/**
 * `npm start [-- flags]`: from a fresh clone to a collector with a demo workload. Flags go to `telltale serve`;
 * `--no-demo` leaves the demo out.
 *
 * package.json runs this with `exec`: npm passes signals to its direct child alone, and a shell in between would keep them.
 */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { build } from './lib/build.mjs'
import { formatLogLine } from './lib/log-line.mjs'
import { checkNodeVersion } from './lib/node-version.mjs'
import { root } from './lib/process.mjs'
import { setUp } from './lib/set-up.mjs'
import { startTargets } from './lib/targets.mjs'
import { bold, cyan, dim, heading, main, say } from './lib/terminal.mjs'

const flags = process.argv.slice(2)
const withDemo = !flags.includes('--no-demo')
const serveFlags = flags.filter((flag) => flag !== '--no-demo' && flag !== '--demo')

/** A terminal's Ctrl-C reaches us twice, from the terminal and through npm: what comes this soon after is the same one. */
const sameSignalMs = 500

await main(async () => {
  checkNodeVersion()
  await setUp()
  await build(startTargets, { title: 'Build' })
  await serve()
})

function serve() {
  heading('Start the collector')
  const args = ['packages/collector/bin/telltale.mjs', 'serve', '--local-viewer', ...serveFlags]
  if (withDemo) args.push('--demo')
  // In a process group of its own: a terminal's Ctrl-C goes to us alone, and we pass it on once.
  const collector = spawn(process.execPath, args, { cwd: root, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  showOutput(collector)
  passSignalsOn(collector)
  return new Promise((resolve) => {
    collector.on('error', (error) => {
      say(`The collector could not be started: ${error.message}`)
      process.exitCode = 1
      resolve()
    })
    collector.on('close', (code, signal) => {
      process.exitCode = code ?? 1
      if (code === 0) say(dim('Stopped; everything that was received is on disk'))
      else say(`The collector ended with ${signal ?? `exit code ${code}`}`)
      resolve()
    })
  })
}

function showOutput(collector) {
  createInterface({ input: collector.stdout }).on('line', (line) => {
    const url = /^listening on (https?:\/\/\S+)/.exec(line)?.[1]
    say(url ? line : formatLogLine(line))
    if (url) announce(url)
  })
  createInterface({ input: collector.stderr }).on('line', (line) => process.stderr.write(`${formatLogLine(line)}\n`))
}

function announce(url) {
  say()
  say(`  ${bold('Telltale is running.')} Open this in a browser:`)
  say()
  say(`      ${bold(cyan(url))}`)
  say()
  if (withDemo) say(dim('  A demo worker and simulated visitors feed it; npm start -- --no-demo leaves them out.'))
  say(dim('  Ctrl-C stops it.'))
  say()
}

function passSignalsOn(collector) {
  let lastMs = 0
  const passOn = (signal) => {
    const nowMs = Date.now()
    if (nowMs - lastMs < sameSignalMs) return
    const first = lastMs === 0
    lastMs = nowMs
    if (first) say(dim('\nStopping: finishing open requests. Ctrl-C again stops at once.'))
    // The collector takes a second signal as an order to end at once.
    collector.kill(signal)
  }
  process.on('SIGINT', () => passOn('SIGINT'))
  process.on('SIGTERM', () => passOn('SIGTERM'))
  process.on('SIGHUP', () => passOn('SIGTERM'))
  // Should we be ended by an error of ours, the collector must not stay behind.
  process.on('exit', () => collector.exitCode === null && collector.kill('SIGTERM'))
}
