/**
 * `telltale import`: back-fills metrics from a file, in two passes: the first reads all of it and finds what is wrong before
 * anything is sent, the second sends it through the normal wire.
 */
import { existsSync, statSync } from 'node:fs'
import { Option } from 'commander'
import { defaultProject } from '../config.js'
import { type Connection, type ConnectionFlags, connect } from './connection.js'
import { CommandFailure } from './failure.js'
import { batchesOf, streamIdOf } from './import/batches.js'
import { readCsv } from './import/csv.js'
import { readOpenMetrics } from './import/openmetrics.js'
import { type BadLine, kinds, type Reader } from './import/rows.js'
import { type SendReport, sendAll } from './import/send.js'
import type { AddCommand, GlobalFlags } from './parts.js'
import { print, progressBar } from './terminal.js'

interface ImportFlags extends GlobalFlags, ConnectionFlags {
  metric?: string
  format?: string
  kind: string
}

interface Scan {
  rows: number
  bad: BadLine[]
  badCount: number
  oldestMs: number
  tooOld: number
}

const formats = ['csv', 'openmetrics', 'parquet'] as const
type Format = (typeof formats)[number]
const formatByExtension: Readonly<Record<string, Format>> = {
  ...{ csv: 'csv', txt: 'openmetrics', om: 'openmetrics', prom: 'openmetrics', openmetrics: 'openmetrics' },
  parquet: 'parquet',
}
/** Lines named one by one; the rest are counted. */
const maxListedJson = 1000
const maxListed = 20

export const addImport: AddCommand = (telltale, parts) => {
  const command = telltale.command('import').description('back-fill metrics from CSV, OpenMetrics text or Parquet')
  command
    .argument('<file>', 'what to import')
    .option('--metric <name>', 'metric of every row, for tables without a column "metric"')
    .addOption(new Option('--kind <kind>', 'kind of the rows of a table').choices(Object.keys(kinds)).default('gauge'))
    .addOption(new Option('--format <format>', 'default: by the ending of the name').choices(formats))
    .addOption(new Option('--endpoint <url>', 'default: the collector of the data folder').env('TELLTALE_ENDPOINT'))
    .addOption(new Option('--key <key>', 'a key of scope ingest; default: one made for this').env('TELLTALE_API_KEY'))
    .option('--project <name>', 'project, where no key says it; made when it is new', defaultProject)
    .addHelpText(
      'after',
      `
A table's columns are timestamp, value, perhaps metric; every other column is a tag. Stopped or not, an import may be run
again: what is stored already is not stored twice. Old rows need a folder that no collector serves.

Examples:
  telltale import temperatures.csv --metric room.temperature
  telltale import dump.txt --format openmetrics --project shop
  telltale import history.parquet --endpoint http://127.0.0.1:8000 --key "$KEY"`,
    )
    .action(async (file: string) => {
      const flags = command.optsWithGlobals<ImportFlags>()
      const format = formatOf(file, flags.format)
      if (format === 'openmetrics' && flags.metric !== undefined) {
        throw new CommandFailure('OpenMetrics text names its metrics itself: leave --metric out', 2)
      }
      const read = await readerOf(file, format, flags)
      const connection = await connect(parts, flags, {
        scope: 'ingest',
        create: true,
        // Ten years: in a folder of our own nobody else's late rows can slip in.
        settings: { 'ingest.maxAge': '3650d' },
      })
      try {
        await importFile(file, read, connection, flags, format)
      } finally {
        await connection.close()
      }
    })
}

async function importFile(
  file: string,
  read: () => Reader,
  connection: Connection,
  { metric = '', kind, project, json }: ImportFlags,
  format: Format,
): Promise<void> {
  const scanned = await scan(read(), connection.maxAgeMs)
  refuseOld(file, scanned, connection)
  const streamId = await streamIdOf(file, project, format, metric, kind)
  const bar = progressBar('Importing')
  let done = 0
  const sent = await sendAll(connection, batchesOf(read(), streamId), (rows) => {
    done += rows
    bar.update(done, scanned.rows, `${done.toLocaleString('en-US')} rows`)
  }).finally(() => bar.clear())
  const rejected = sent.rejected + scanned.badCount
  const lines = [...scanned.bad, ...sent.rejectedLines].sort((a, b) => a.line - b.line)
  report(json === true, scanned, sent, rejected, lines)
  if (rejected > 0) throw new CommandFailure(`${rejected} rows of ${file} were refused; the others are stored`)
}

function report(json: boolean, scanned: Scan, sent: SendReport, rejected: number, lines: BadLine[]): void {
  const { accepted, alreadyThere } = sent
  if (json) {
    const listed = lines.slice(0, maxListedJson)
    const rows = scanned.rows + scanned.badCount
    print(JSON.stringify({ rows, accepted, already_there: alreadyThere, rejected, rejected_lines: listed }))
    return
  }
  for (const { line, reason } of lines.slice(0, maxListed)) print(`line ${line}: ${reason}`)
  if (rejected > Math.min(lines.length, maxListed)) {
    print(`… and ${rejected - Math.min(lines.length, maxListed)} more`)
  }
  const before = alreadyThere > 0 ? `, ${alreadyThere.toLocaleString('en-US')} were there already` : ''
  print(`${accepted.toLocaleString('en-US')} rows are stored${before}`)
}

async function scan(reader: Reader, maxAgeMs: number | undefined): Promise<Scan> {
  const limitMs = maxAgeMs === undefined ? Number.NEGATIVE_INFINITY : Date.now() - maxAgeMs
  const found: Scan = { rows: 0, bad: [], badCount: 0, oldestMs: Number.POSITIVE_INFINITY, tooOld: 0 }
  for await (const { rows, bad } of reader) {
    found.rows += rows.length
    found.badCount += bad.length
    found.bad.push(...bad.slice(0, maxListedJson - found.bad.length))
    for (const { timeMs } of rows) {
      if (timeMs < found.oldestMs) found.oldestMs = timeMs
      if (timeMs < limitMs) found.tooOld++
    }
  }
  return found
}

/** Before anything is sent: a batch that is stored in part counts as stored, so that its other rows could not follow. */
function refuseOld(file: string, { tooOld, oldestMs }: Scan, { url, maxAgeMs }: Connection): void {
  if (tooOld === 0 || maxAgeMs === undefined) return
  throw new CommandFailure(
    `${tooOld} rows of ${file} are older than the ${maxAgeMs / 3.6e6} h that the collector at ${url} takes (the oldest: ${new Date(oldestMs).toISOString()}). ` +
      'Nothing was imported. Stop it and import again: without it this command opens the folder itself and takes them',
  )
}

function formatOf(file: string, given: string | undefined): Format {
  if (!existsSync(file)) throw new CommandFailure(`There is no file ${file}`)
  if (!statSync(file).isFile()) throw new CommandFailure(`${file} is no file`)
  if (given !== undefined) return given as Format
  const extension = /\.([^./\\]+)$/.exec(file)?.[1]?.toLowerCase() ?? ''
  const format = formatByExtension[extension]
  if (format !== undefined) return format
  throw new CommandFailure(`The name ${file} does not say what is in it. Say --format ${formats.join(', ')}`, 2)
}

async function readerOf(file: string, format: Format, { metric, kind }: ImportFlags): Promise<() => Reader> {
  const options = { metric, kind: kinds[kind]! }
  if (format === 'csv') return () => readCsv(file, options)
  if (format === 'openmetrics') return () => readOpenMetrics(file)
  // DuckDB takes its time to load: only who needs it waits for it.
  const { readParquet } = await import('./import/parquet.js')
  return () => readParquet(file, options)
}
