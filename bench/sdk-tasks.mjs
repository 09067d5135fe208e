/**
 * What measuring 1,000 task runs a second costs a program: percent of one core beyond the same program without the SDK,
 * encoding and sending included, by way of measuring CPU time.
 * Usage: node bench/sdk-tasks.mjs [--seconds 5] [--rounds 3]
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'

const modes = ['bare', 'off', 'auto', 'process', 'slices']
const tasksPerSecond = 1000
const tickMs = 10
const at = (path) => fileURLToPath(new URL(path, import.meta.url))

const { values: flags, positionals } = parseArgs({
  options: { seconds: { type: 'string', default: '5' }, rounds: { type: 'string', default: '3' } },
  allowPositionals: true,
})
const [role, ...args] = positionals
if (role === 'collector') await collect()
else if (role === 'program') await program(...args)
else await bench()

async function bench() {
  await bundle('sdk-node')
  await bundle('protocol')
  // The collector's own CPU time belongs to another process.
  const collector = fork(at('sdk-tasks.mjs'), ['collector'])
  const [port] = await once(collector, 'message')
  const costs = Object.fromEntries(modes.map((mode) => [mode, []]))
  for (let round = 0; round < Number(flags.rounds); round++) {
    for (const mode of modes) {
      const child = fork(at('sdk-tasks.mjs'), ['program', mode, `http://127.0.0.1:${port}`, flags.seconds])
      const [percent] = await once(child, 'message')
      costs[mode].push(percent)
      await once(child, 'exit')
    }
  }
  collector.kill()
  const bare = median(costs.bare)
  const results = modes.slice(1).map((mode) => ({
    cpu: mode,
    '% of a core': Math.round((median(costs[mode]) - bare) * 1000) / 1000,
  }))
  console.log(`1,000 asynchronous tasks a second; the program alone takes ${bare.toFixed(2)} % of a core`)
  console.table(results)
  mkdirSync(at('results'), { recursive: true })
  const machine = { cpu: cpus()[0].model, cores: cpus().length, node: process.version }
  writeFileSync(at('results/sdk-tasks.json'), `${JSON.stringify({ machine, bare, results }, null, 2)}\n`)
}

/** Runs tasks at a steady rate, and tells what part of a core that took. */
async function program(mode, endpoint, seconds) {
  const { init, withTaskMetrics, close } = await import(at('../node_modules/.cache/bench/sdk-node.mjs'))
  if (mode !== 'bare') init({ endpoint, service: 'bench', cpu: mode, logger: false })
  const work = async () => {
    await null
    return 1
  }
  const run = mode === 'bare' ? work : () => withTaskMetrics('bench.task', work)
  // A service runs for days: what its first seconds cost the compiler is not of interest.
  for (let i = 0; i < 50_000; i++) await run()
  const timer = setInterval(() => {
    for (let i = 0; i < (tasksPerSecond * tickMs) / 1000; i++) void run()
  }, tickMs)
  await sleep(2500)
  const startedAt = performance.now()
  const before = process.cpuUsage()
  await sleep(Number(seconds) * 1000)
  const { user, system } = process.cpuUsage(before)
  const percent = (user + system) / 10 / (performance.now() - startedAt)
  clearInterval(timer)
  if (mode !== 'bare') await close()
  process.send(percent, () => process.disconnect())
}

/** Acknowledges whatever comes. */
async function collect() {
  const { decodeBatch, encodeAck } = await import(at('../node_modules/.cache/bench/protocol.mjs'))
  const server = createServer((request, response) => {
    const chunks = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      const { batchId } = decodeBatch(Buffer.concat(chunks))
      response.end(encodeAck({ batchId, accepted: 0, rejected: [], receivedTimeMs: Date.now(), duplicate: false }))
    })
  })
  server.listen(0, '127.0.0.1', () => process.send(server.address().port))
}

/** Bundled from source into node_modules/.cache, from where its dependencies resolve. */
async function bundle(name) {
  await build({
    entryPoints: [at(`../packages/${name}/src/index.ts`)],
    outfile: at(`../node_modules/.cache/bench/${name}.mjs`),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    conditions: ['@telltale/source'],
  })
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1]
}
