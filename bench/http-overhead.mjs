/**
 * What measuring HTTP costs a server that does nothing else: a hello-world Fastify bare, with instrumentHttp(), and with
 * peers, each in a process of its own. Every round loads each of them with the same number of requests, in turns.
 * Usage: node bench/http-overhead.mjs [--rounds 21] [--requests 3000] [--variants bare,telltale]
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { rawLoad } from './lib/raw-load.mjs'
import { importSource } from './lib/source.mjs'

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '21' },
    requests: { type: 'string', default: '3000' },
    variants: { type: 'string', default: 'bare,telltale,prom-client' },
  },
})
const rounds = Number(flags.rounds)
const requests = Number(flags.requests)
const connections = 20
const at = (path) => fileURLToPath(new URL(path, import.meta.url))
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1]

const collector = await acknowledgingCollector()
const servers = []
for (const variant of flags.variants.split(',')) servers.push(await startServer(variant))
for (const server of servers) for (let i = 0; i < 3; i++) await load(server)
for (let round = 0; round < rounds; round++) {
  for (let i = 0; i < servers.length; i++) {
    const server = servers[(i + round) % servers.length]
    await cpuMicros(server, 'gc')
    const before = await cpuMicros(server)
    const perSecond = await load(server)
    server.cpu.push(((await cpuMicros(server)) - before) / requests)
    server.perSecond.push(perSecond)
  }
}
for (const { child } of servers) child.kill()
collector.close()
collector.closeAllConnections()

const [bare] = servers
// Of each round against the bare server's in the same round: what the machine does meanwhile hits both.
const against = (key, server) => median(server[key].map((value, round) => value / bare[key][round]))
const table = servers.map((server) => ({
  server: server.variant,
  'CPU µs a request': round2(median(server.cpu)),
  'CPU against bare': percent(against('cpu', server)),
  'requests a second': Math.round(median(server.perSecond)),
  'requests/s against bare': percent(against('perSecond', server)),
}))
console.table(table)
mkdirSync(at('results'), { recursive: true })
const machine = { cpu: cpus()[0].model, cores: cpus().length, node: process.version }
writeFileSync(
  at('results/http-overhead.json'),
  `${JSON.stringify({ machine, rounds, requests, connections, results: table }, null, 2)}\n`,
)

async function startServer(variant) {
  const child = fork(at('lib/http-server.mjs'), [variant, collector.endpoint], {
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const [{ port }] = await once(child, 'message')
  return { variant, child, port, cpu: [], perSecond: [] }
}

async function cpuMicros({ child }, message = 'cpu') {
  child.send(message)
  const [{ cpu }] = await once(child, 'message')
  return cpu.user + cpu.system
}

async function load({ port }) {
  return requests / (await rawLoad({ port, path: '/hello/you', connections, requests }))
}

/** It takes batches as a collector does, and keeps nothing. */
async function acknowledgingCollector() {
  const { decodeBatch, encodeAck } = await importSource('../packages/protocol/src/index.ts')
  const server = createServer(async (request, response) => {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const { batchId } = decodeBatch(Buffer.concat(chunks))
    response.end(encodeAck({ batchId, accepted: 0, rejected: [], receivedTimeMs: 0, duplicate: false }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  server.endpoint = `http://127.0.0.1:${server.address().port}`
  return server
}

function round2(value) {
  return Math.round(value * 100) / 100
}

function percent(ratio) {
  const change = Math.round((ratio - 1) * 1000) / 10
  return `${change > 0 ? '+' : ''}${change} %`
}
