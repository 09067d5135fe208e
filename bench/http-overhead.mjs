/**
 * What measuring HTTP costs a server that does nothing else: a hello-world Fastify bare, with instrumentHttp(), and with
 * peers, each in a process of its own. Every round starts and loads each of them with the same number of requests, in turns.
 * Usage: node bench/http-overhead.mjs [--rounds 11] [--requests 40000] [--variants bare,telltale]
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
    rounds: { type: 'string', default: '11' },
    requests: { type: 'string', default: '40000' },
    variants: { type: 'string', default: 'bare,telltale,prom-client' },
  },
})
const rounds = Number(flags.rounds)
const requests = Number(flags.requests)
const connections = 20
/** Until compilers have settled: a service runs for days, and what its first seconds cost is not of interest here. */
const warmUpRequests = 40_000
const at = (path) => fileURLToPath(new URL(path, import.meta.url))
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1]

const collector = await acknowledgingCollector()
const servers = flags.variants.split(',').map((variant) => ({ variant, cpu: [], perSecond: [] }))
for (let round = 0; round < rounds; round++) {
  for (let i = 0; i < servers.length; i++) await measure(servers[(i + round) % servers.length])
}
collector.close()
collector.closeAllConnections()

const [bare] = servers
const against = (key, server) => median(server[key]) / median(bare[key])
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

/**
 * A fresh process each time: the optimiser finds the very same server now a fast and now a slow shape, a fifth apart, and
 * keeps it for the life of a process.
 */
async function measure(server) {
  const child = fork(at('lib/http-server.mjs'), [server.variant, collector.endpoint], {
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const [{ port }] = await once(child, 'message')
  const load = (count) => rawLoad({ port, path: '/hello/you', connections, requests: count })
  await load(warmUpRequests)
  const before = await cpuMicros(child)
  const seconds = await load(requests)
  server.cpu.push(((await cpuMicros(child)) - before) / requests)
  server.perSecond.push(requests / seconds)
  child.kill('SIGKILL')
  await once(child, 'exit')
}

async function cpuMicros(child) {
  child.send('cpu')
  const [{ cpu }] = await once(child, 'message')
  return cpu.user + cpu.system
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
