/** `telltale bench`: how many samples a second a collector takes, each acknowledged after it is on disk. */
import { Option } from 'commander'
import { type LoadReport, runLoad } from './bench/load.js'
import { startBenchCollector } from './bench/own-collector.js'
import { type Connection, connect } from './connection.js'
import { CommandFailure } from './failure.js'
import type { AddCommand, GlobalFlags } from './parts.js'
import { formatTable } from './table.js'
import { formatBytes, print, progressBar } from './terminal.js'

interface BenchFlags extends GlobalFlags {
  endpoint?: string
  key?: string
  project: string
  seconds: string
  rows: string
  series: string
  connections: string
}

/** Load goes into a project of its own: the samples of a measurement belong in nobody's charts. */
const benchProject = 'bench'
const bounds = { seconds: [1, 600], rows: [1, 10_000], series: [1, 10_000], connections: [1, 64] } as const

export const addBench: AddCommand = (telltale, parts) => {
  const command = telltale.command('bench').description('ingest load with a report')
  command
    .addOption(new Option('--endpoint <url>', 'default: a collector of its own, with data that is removed afterwards'))
    .option('--key <key>', 'a key of scope ingest; default: one made in the data folder')
    .option('--project <name>', 'project that takes the load, where no key says it', benchProject)
    .option('--seconds <number>', 'how long', '10')
    .option('--rows <number>', 'samples a batch', '1000')
    .option('--series <number>', 'series of each batch', '1000')
    .option('--connections <number>', 'senders', '8')
    .addHelpText(
      'after',
      `
The sender takes about a core of its own: on a small machine it is part of what is measured.

Examples:
  telltale bench
  telltale bench --seconds 30 --rows 5000 --series 10000 --json
  telltale bench --endpoint http://127.0.0.1:8000 --data-dir /var/lib/telltale`,
    )
    .action(async () => {
      const flags = command.optsWithGlobals<BenchFlags>()
      const numbers = {
        seconds: bounded('seconds', flags.seconds),
        rows: bounded('rows', flags.rows),
        series: bounded('series', flags.series),
        connections: bounded('connections', flags.connections),
      }
      const own = flags.endpoint === undefined ? await startBenchCollector(parts.program) : undefined
      const stop = stopOnSignal()
      const bar = progressBar('Sending')
      let connection: Connection | undefined
      try {
        const target = { endpoint: flags.endpoint ?? own?.url, dataDir: own?.dataDir ?? flags.dataDir }
        const key = own === undefined ? flags.key : undefined
        connection = await connect(parts, { ...target, key, project: flags.project }, { scope: 'ingest', create: true })
        const onProgress = (elapsed: number, samples: number) =>
          bar.update(elapsed, numbers.seconds, `${Math.round(samples / elapsed).toLocaleString('en-US')} samples/s`)
        const report = await runLoad(connection, { ...numbers, onProgress }, stop).finally(() => bar.clear())
        show(report, numbers, flags.json === true)
      } finally {
        await connection?.close()
        await own?.close()
      }
    })
}

function show(
  { seconds, samples, batches, bytes, pushedBack, ackMs }: LoadReport,
  { rows, series, connections }: { rows: number; series: number; connections: number },
  json: boolean,
): void {
  if (batches === 0) throw new CommandFailure('No batch was acknowledged: the collector pushed all of them back')
  const rate = samples / seconds
  const [p50, p99] = [quantile(ackMs, 0.5), quantile(ackMs, 0.99)]
  if (json) {
    const load = { rows_per_batch: rows, series, connections, seconds: round(seconds) }
    const outcome = { samples, batches, bytes, pushed_back: pushedBack, samples_per_second: Math.round(rate) }
    print(JSON.stringify({ ...load, ...outcome, ack_p50_ms: round(p50), ack_p99_ms: round(p99) }))
    return
  }
  const shown = (value: number) => value.toLocaleString('en-US', { maximumFractionDigits: 2 })
  const head = ['SAMPLES/S', 'ACK P50', 'ACK P99', 'BATCHES', 'PUSHED BACK', 'SENT']
  const line = [Math.round(rate), 0, 0, batches, pushedBack, 0].map(shown)
  line[1] = `${shown(p50)} ms`
  line[2] = `${shown(p99)} ms`
  line[5] = `${formatBytes(bytes)} (${shown(bytes / samples)} B a sample)`
  print(formatTable([head, line]))
  print(
    `\n${shown(samples)} samples in ${shown(seconds)} s: ${rows} a batch, ${series} series, ${connections} connections; each acknowledged after it was on disk`,
  )
}

function bounded(name: keyof typeof bounds, text: string): number {
  const [min, max] = bounds[name]
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= min && value <= max) return value
  throw new CommandFailure(`--${name} "${text}" is no whole number from ${min} to ${max}`, 2)
}

/** Of ascending values; the nearest rank. */
function quantile(ascending: readonly number[], q: number): number {
  return ascending[Math.min(ascending.length - 1, Math.ceil(q * ascending.length) - 1)] ?? Number.NaN
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}

/** Ctrl-C ends the load early; the report is of what was sent. */
function stopOnSignal(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort())
  return controller.signal
}
