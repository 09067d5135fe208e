import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Scope } from '@telltale/protocol/api'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { Catalog, type Project } from './catalog/catalog.js'
import { secretHash } from './catalog/keys.js'
import { addBackup, addRestore } from './cli/backup.js'
import { addBench } from './cli/bench.js'
import { startDemo } from './cli/demo.js'
import { CommandFailure, explain } from './cli/failure.js'
import { addImport } from './cli/import.js'
import type { GlobalFlags, Parts } from './cli/parts.js'
import { addQuery } from './cli/query.js'
import { type ServeFlags, serve } from './cli/serve.js'
import { formatTable } from './cli/table.js'
import { print } from './cli/terminal.js'
import { addToken } from './cli/token.js'
import { addVerify } from './cli/verify.js'
import { ConfigError, defaultProject, resolveConfig, type SettingName, settings } from './config.js'
import { TelltaleError } from './errors.js'
import { createLog } from './log.js'

const demoFolder = new URL('./demo/', import.meta.url)

/** Runs one command; resolves with the exit code once it has ended. */
export async function run(args: readonly string[]): Promise<number> {
  try {
    await program().parseAsync(args, { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    process.stderr.write(`telltale: ${explain(error)}\n`)
    if (error instanceof CommandFailure) return error.exitCode
    if (error instanceof ConfigError) return 2
    return error instanceof TelltaleError && error.code === 'invalid_request' ? 2 : 1
  }
}

function program(): Command {
  const telltale = new Command('telltale')
    .description('Real-time metrics: takes them in, keeps them, answers questions, streams')
    .version(version(), '-V, --version', 'print the version')
    .option('--data-dir <folder>', `folder of all data (default: ${settings.dataDir.default})`)
    .option('--json', 'print JSON, for programs')
    .helpCommand('help [command]', 'show help for a command')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .showHelpAfterError('(telltale --help shows how)')
    .exitOverride()
    .addHelpText(
      'after',
      `
Examples:
  telltale serve                                   collect on http://127.0.0.1:8000
  telltale keys create --project shop --scope ingest
  telltale demo --rate 2                           feed a running collector`,
    )
  addServe(telltale)
  addDemo(telltale)
  addKeys(telltale)
  addQuery(telltale, parts)
  addVerify(telltale, parts)
  addBackup(telltale, parts)
  addRestore(telltale, parts)
  addImport(telltale, parts)
  addBench(telltale, parts)
  addToken(telltale, parts)
  return telltale
}

/** The other stages, loaded when a command asks for them: the small commands start in a fraction of the time without. */
const parts: Parts = {
  program: fileURLToPath(new URL('../bin/telltale.mjs', import.meta.url)),
  dataDir: (flag) => resolveConfig({ flags: { dataDir: flag } satisfies Flags, env: process.env }).dataDir,
  temporaryKey(dataDir, project, { scope, create }) {
    const key = withCatalog({ dataDir, create }, (catalog) => {
      if (!create) knownProject(catalog, project)
      return catalog.createKey(project, scope)
    })
    return {
      secret: key.secret,
      drop: () => withCatalog({ dataDir }, (catalog) => catalog.forgetKey(key.id)),
    }
  },
  async collect(dataDir, changes) {
    const flags = { ...changes, dataDir, host: '127.0.0.1', port: 0, localViewer: false, selfMetricsInterval: '0s' }
    const config = resolveConfig({ flags, env: process.env })
    const [{ createCollector }, { pino }] = await Promise.all([import('./collector.js'), import('pino')])
    // stdout belongs to the command's result.
    const log = pino({ level: 'error', base: undefined }, pino.destination({ fd: 2, sync: true }))
    const onFatal = (error: Error) => {
      process.stderr.write(`telltale: storage has failed: ${error.message}\n`)
      process.exit(1)
    }
    return createCollector(config, { log, version: version(), onFatal })
  },
  async embedToken(dataDir, project, request) {
    const [{ EmbedTokens }, { parseDurationMs }] = await Promise.all([
      import('./auth/embed-tokens.js'),
      import('./query/time.js'),
    ])
    return withCatalog({ dataDir }, (store) => {
      const tokens = new EmbedTokens({ store, secret: store.embedSecret(), hash: secretHash, parseDurationMs })
      return tokens.issue(knownProject(store, project).id, request)
    })
  },
  async verify(dataDir, onProgress) {
    const { verifyFolder } = await import('./store/offline.js')
    return verifyFolder(dataDir, onProgress)
  },
  async backup(request) {
    const { backup } = await import('./store/backup.js')
    return backup({ ...request, version: version() })
  },
  async restore(request) {
    const { restore } = await import('./store/restore.js')
    return restore(request)
  },
}

function addServe(telltale: Command): void {
  const command = telltale.command('serve').description('run the collector')
  command
    .option('--host <address>', `address to listen on (default: ${settings.host.default})`)
    .option('--port <number>', `port to listen on, 0 for a free one (default: ${settings.port.default})`)
    .option('--config <file>', 'JSON file of settings')
    .option('--log-level <level>', `${settings.logLevel.description} (default: ${settings.logLevel.default})`)
    .option('--behind-proxy', 'a proxy in front ends TLS; X-Forwarded-For is believed')
    .option('--local-viewer', 'pages opened on this machine may read the default project without a key')
    .option('--demo', 'also run the demo workload')
    .addHelpText(
      'after',
      `
Every setting is also an environment variable (TELLTALE_PORT, …) and a name in the config file.

Examples:
  telltale serve --port 9000 --data-dir /var/lib/telltale
  telltale serve --demo --local-viewer             look around at http://127.0.0.1:8000
  telltale serve --host 0.0.0.0 --behind-proxy     TLS ends in front of it`,
    )
    .action(async () => {
      const flags = command.optsWithGlobals<ServeFlags & GlobalFlags>()
      const { host, port, logLevel, behindProxy, localViewer, dataDir } = flags
      const config = resolveConfig({
        flags: { host, port, logLevel, behindProxy, localViewer, dataDir },
        env: process.env,
        file: flags.config,
      })
      const log = createLog({ level: config.logLevel })
      // Only this command needs the server and the database: the others start in a fraction of the time without them.
      const { createCollector } = await import('./collector.js')
      await serve(config, {
        log,
        create: (onFatal) => createCollector(config, { log, version: version(), onFatal }),
        demo: flags.demo ? (endpoint, apiKey) => startDemo({ folder: demoFolder, endpoint, apiKey, log }) : undefined,
      })
    })
}

function addDemo(telltale: Command): void {
  const command = telltale.command('demo').description('run the demo workload against a running collector')
  command
    .addOption(
      new Option('--endpoint <url>', 'the collector').env('TELLTALE_ENDPOINT').default('http://127.0.0.1:8000'),
    )
    .addOption(
      new Option('--key <key>', 'a key of scope ingest; default: one made for this run').env('TELLTALE_API_KEY'),
    )
    .option('--rate <number>', 'how busy it is; 1 is a quiet day', positiveNumber)
    .addHelpText('after', '\nExample:\n  telltale demo --endpoint http://127.0.0.1:8000 --rate 5')
    .action(async () => {
      const { endpoint, key, rate, dataDir } = command.optsWithGlobals<
        GlobalFlags & { endpoint: string; key?: string; rate?: number }
      >()
      const log = createLog({ level: 'debug' })
      const made = key ? undefined : withCatalog({ dataDir }, (catalog) => catalog.createKey(defaultProject, 'ingest'))
      const apiKey = key ?? made?.secret ?? ''
      const demo = startDemo({ folder: demoFolder, endpoint, apiKey, rate, log })
      await new Promise<void>((stopped) => {
        process.once('SIGINT', stopped)
        process.once('SIGTERM', stopped)
      })
      await demo.stop()
      if (made) withCatalog({ dataDir }, (catalog) => catalog.revokeKey(made.id))
    })
}

function addKeys(telltale: Command): void {
  const keys = telltale.command('keys').description('create, list and revoke API keys')
  addKeysCreate(keys)
  const list = keys.command('list').description('list keys; their secrets are not kept')
  list.option('--project <name>', 'of this project alone').action(() => {
    const { dataDir, json, project } = list.optsWithGlobals<GlobalFlags & { project?: string }>()
    const found = withCatalog({ dataDir }, (catalog) => catalog.keys(project))
    const rows = found.map((key) => ({
      id: key.id,
      project: key.project,
      scope: key.scope,
      publishable: key.publishable,
      created_at: iso(key.createdMs),
      last_used_at: iso(key.lastUsedMs),
      revoked_at: iso(key.revokedMs),
    }))
    if (json) return print(JSON.stringify(rows))
    if (rows.length === 0) return print('No keys. Create one with: telltale keys create --project P --scope ingest')
    const cells = rows.map((row) => [
      row.id,
      row.project,
      row.publishable ? `${row.scope} (publishable)` : row.scope,
      row.created_at ?? '',
      row.last_used_at ?? 'never',
      row.revoked_at ?? '',
    ])
    print(formatTable([['ID', 'PROJECT', 'SCOPE', 'CREATED', 'LAST USED', 'REVOKED'], ...cells]))
  })
  const revoke = keys
    .command('revoke')
    .argument('<id>', 'as keys list shows it')
    .description('refuse a key from now on')
  revoke.action((id: string) => {
    const { dataDir, json } = revoke.optsWithGlobals<GlobalFlags>()
    const revoked = withCatalog({ dataDir }, (catalog) => catalog.revokeKey(id))
    if (!revoked) throw new CommandFailure(`No key in force has the id "${id}". List them with: telltale keys list`)
    print(
      json ? JSON.stringify({ id, revoked: true }) : `Key ${id} is revoked; a running collector refuses it at once.`,
    )
  })
}

function addKeysCreate(keys: Command): void {
  const create = keys.command('create').description('create a key, and its project when that is new')
  create
    .option('--project <name>', 'project', defaultProject)
    .addOption(new Option('--scope <scope>', 'what the key allows').choices(Scope.options).makeOptionMandatory())
    .option('--publishable', 'a pk_… key for pages: scope ingest alone')
    .addHelpText(
      'after',
      `
Examples:
  telltale keys create --project shop --scope ingest
  export TELLTALE_API_KEY=$(telltale keys create --scope ingest --json | jq -r .key)`,
    )
    .action(() => {
      const flags = create.optsWithGlobals<GlobalFlags & { project: string; scope: Scope; publishable?: boolean }>()
      const { dataDir, json, project, scope, publishable } = flags
      const make = (catalog: Catalog) => catalog.createKey(project, scope, publishable)
      const { id, secret } = withCatalog({ dataDir, create: true }, make)
      if (json) return print(JSON.stringify({ id, key: secret, project, scope }))
      print(`Key ${id} of project ${project}, scope ${scope}. It is shown this once:\n\n  ${secret}\n`)
    })
}

/** Works beside a running collector: the catalog is shared by SQLite's own locks. */
function withCatalog<T>(options: { dataDir?: string; create?: boolean }, use: (catalog: Catalog) => T): T {
  const { dataDir } = resolveConfig({ flags: { dataDir: options.dataDir } satisfies Flags, env: process.env })
  if (!options.create && !existsSync(join(dataDir, 'catalog.db'))) {
    throw new CommandFailure(
      `There is no Telltale data in ${resolve(dataDir)}. Name its folder with --data-dir, or start: telltale serve`,
    )
  }
  const catalog = new Catalog({ dataDir })
  try {
    return use(catalog)
  } finally {
    catalog.close()
  }
}

function knownProject(catalog: Catalog, name: string): Project {
  const project = catalog.project(name)
  if (project) return project
  const names = catalog.projects().map((known) => known.name)
  throw new CommandFailure(`There is no project "${name}". There are: ${names.join(', ') || 'none'}`)
}

type Flags = Partial<Record<SettingName, unknown>>

function iso(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString()
}

function positiveNumber(text: string): number {
  const value = Number(text)
  if (value > 0 && value <= 1000) return value
  throw new InvalidArgumentError('It must be a number above 0, at most 1000.')
}

function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return version
}
