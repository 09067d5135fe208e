/**
 * The composition root: builds every stage and wires them. It alone knows the concrete classes.
 *
 *   HTTP ──► auth ──► intake ──► store ──► (durable) ──► hub ──► WebSockets
 *     └────► auth ──► queries ──► store
 */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { createMeasures } from './app/measures.js'
import type { AppParts, Readiness } from './app/ports.js'
import { createApp } from './app/server.js'
import { Authenticator, bearerToken } from './auth/authenticator.js'
import { EmbedTokens } from './auth/embed-tokens.js'
import { requireScope } from './auth/scopes.js'
import { Catalog } from './catalog/catalog.js'
import { withSettledKinds } from './catalog/definitions.js'
import { newSecret, secretHash } from './catalog/keys.js'
import { type Config, defaultProject, isLoopback } from './config.js'
import type { AdmissionSettings } from './ingest/admission.js'
import { Intake } from './ingest/intake.js'
import { takeJsonEvents } from './ingest/json-events.js'
import { takeJsonRows } from './ingest/json-rows.js'
import { createHub, type Hub } from './live/hub.js'
import type { Logger } from './log.js'
import type { Principal } from './model.js'
import { createQueryService } from './query/service.js'
import { parseDurationMs, parseTimePoint } from './query/time.js'
import { annotationSeer } from './query/view.js'
import { RetentionRules } from './retention.js'
import { ownStreamBytes, SelfMetrics } from './self-metrics.js'
import { createStore } from './store/remote-store.js'
import type { Store } from './store/store.js'

export interface CollectorOptions {
  log: Logger
  version: string
  /** Called once where storage has died and only a restart helps. */
  onFatal(error: Error): void
}

export interface Collector {
  /** Where it listens. */
  url: string
  /** The admin key of the default project, on the very first start alone. */
  firstKey?: string
  /** A key of scope ingest that lives as long as this process, for the demo. */
  demoKey(): string
  /** Stops accepting, finishes what is under way within the drain timeout, and closes storage. */
  close(): Promise<void>
}

/** The fact under which the catalog keeps the admission settings that the journal's entries were accepted under. */
const admissionFact = 'admission'
const ownStreamFact = 'self_metrics_stream'
const keyUsageFlushMs = 60_000
const idleCheckMs = 100
/** How long the stream of a revoked key may go on; its requests are refused at once. */
const revocationCheckMs = 1000

/** Resolves once requests are served. */
export async function createCollector(config: Config, options: CollectorOptions): Promise<Collector> {
  const { log, version } = options
  const catalog = new Catalog({ dataDir: config.dataDir })
  const project = catalog.ensureProject(defaultProject)
  const authenticator = new Authenticator({ keys: catalog, hash: secretHash, newSecret })
  const tokens = new EmbedTokens({
    store: catalog,
    secret: catalog.embedSecret(),
    hash: secretHash,
    parseDurationMs,
  })
  const credential = async (secret: string): Promise<Principal> =>
    EmbedTokens.looksLikeOne(secret) ? tokens.verify(secret) : authenticator.authenticate(secret)
  let readiness: Readiness = 'starting'

  const retention = new RetentionRules({
    ...{ config, settings: catalog.retention },
    store: { retain: (rules) => store.retain(rules) },
    projectOf: (name) => catalog.project(name)?.id,
  })
  const store = createStore({
    dataDir: config.dataDir,
    threads: config.storage.threads || undefined,
    memoryLimitMb: config.storage.memoryLimitMb || undefined,
    warmBytes: config.storage.warmMb * 1024 * 1024,
    sealRows: config.storage.sealRows,
    sealIntervalMs: config.storage.sealIntervalMs,
    compactionQuietMs: config.storage.compactionQuietMs,
    reserveBytes: config.storage.reserveBytes,
    retention: config.retention,
    retentionRules: retention.all(),
    workerUrl: new URL('./store/worker.js', import.meta.url),
    log: (level, message, fields) => log[level](fields ?? {}, message),
    onFatal: (error) => {
      readiness = 'failed'
      log.fatal({ err: error }, 'storage has failed')
      options.onFatal(error)
    },
  })
  const measures = createMeasures({
    version,
    storeStats: () => store.stats(),
    series: () => ({ known: intake.registry.size, folded: intake.registry.foldedSeries }),
    streams: () => hub.stats(),
    waiting: () => intake.waiting,
    cache: () => queries.cacheStats(),
  })
  const settings = admissionSettings(config)
  const ownStream = ownStreamSecret(catalog)
  const intake = new Intake({
    store,
    settings,
    definitions: catalog.definitions,
    counters: measures.ingest,
    isOwn: (stream) => ownStream.equals(stream.subarray(0, ownStreamBytes)),
    publish: (owner, seq, columns) => {
      queries.noteBatch(owner, seq, columns)
      hub.publish(owner, seq, columns)
    },
    onReplayFailure: ({ seq }, error) => log.error({ seq, err: error }, 'a journal entry could not be replayed'),
  })
  const queries = createQueryService({
    store,
    series: intake.registry,
    definitions: catalog.definitions,
    limits: { timeoutMs: config.query.timeoutMs },
    cacheBytes: config.query.cacheBytes,
  })
  const hub: Hub = createHub({
    planner: queries,
    authenticate: async (token) => {
      const principal = await credential(token)
      requireScope(principal, 'read')
      return principal
    },
    log,
  })
  const viewer = localViewer(config, log)
    ? { token: authenticator.grant('view', project), project: project.name }
    : undefined
  const publicDir = fileURLToPath(new URL('./public', import.meta.url))
  const parts: AppParts = {
    config,
    log,
    version,
    auth: {
      fromHeader: (header) => credential(bearerToken(header)),
      fromQuery: (key) => authenticator.authenticatePublishable(key),
      requireScope,
    },
    ingest: {
      batch: (owner, payload) => intake.take(owner, payload),
      events: (owner, request) => takeJsonEvents({ intake, settings }, owner, request),
      rows: (owner, request) => takeJsonRows({ intake, settings }, owner, request),
    },
    queries,
    retention,
    definitions: withSettledKinds(catalog.definitions, (owner, name) => intake.registry.kindOf(owner, name)),
    boards: catalog.dashboards,
    annotations: catalog.annotations,
    annotationSeer,
    timePoint: (value, field) => parseTimePoint(value, Date.now(), field),
    tokens: {
      issue: (owner, request, keyId) => tokens.issue(owner, request, keyId),
      revoke: (owner, id) => catalog.revokeToken(owner, id),
    },
    keys: {
      list: (name) => catalog.keys(name),
      create: (name, scope, publishable) => catalog.createKey(name, scope, publishable),
      revoke: (id) => catalog.revokeKey(id),
    },
    storage: () => store.stats(),
    streams: hub,
    viewer,
    measures,
    publicDir: existsSync(publicDir) ? publicDir : undefined,
    readiness: () => readiness,
  }

  let selfMetrics: SelfMetrics | undefined
  let app: FastifyInstance | undefined
  const closeAll = async () => {
    readiness = 'stopping'
    await hub.close()
    if (app) await drain(app, config.drainTimeoutMs, log)
    await selfMetrics?.close()
    await store.close()
    measures.close()
    catalog.close()
  }
  try {
    // Listening comes first: a taken port must not cost a replay, and probes see "starting" meanwhile.
    app = await createApp(parts)
    const url = await listen(app, config)
    await openStore({ store, intake, catalog, settings, log })
    const hadAdmin = catalog.keys(defaultProject).some(({ scope }) => scope === 'admin')
    const firstKey = hadAdmin ? undefined : catalog.createKey(defaultProject, 'admin').secret
    const timers = [
      setInterval(() => catalog.flushUsage(), keyUsageFlushMs).unref(),
      setInterval(() => {
        authenticator.refresh()
        tokens.refresh()
      }, revocationCheckMs).unref(),
    ]
    if (config.selfMetricsIntervalMs > 0) {
      selfMetrics = new SelfMetrics({
        secret: ownStream,
        intervalMs: config.selfMetricsIntervalMs,
        read: () => measures.measured(),
        take: (payload) => intake.takeOwn(project.id, payload),
        onFailure: (error) => log.debug({ err: error }, 'own measures wait for the next tick'),
      })
    }
    readiness = 'ready'
    return {
      url,
      firstKey,
      demoKey: () => authenticator.grant('demo', project),
      async close() {
        for (const timer of timers) clearInterval(timer)
        await closeAll()
      },
    }
  } catch (error) {
    await closeAll().catch((closing) => log.debug({ err: closing }, 'closing after a failed start'))
    throw error
  }
}

interface OpenParts {
  store: Store
  intake: Intake
  catalog: Catalog
  settings: AdmissionSettings
  log: Logger
}

/**
 * Opens storage. Journal entries are replayed under the admission settings that accepted them, whatever the settings are
 * now; where these changed, everything is sealed before the first batch comes in under the new ones.
 */
async function openStore({ store, intake, catalog, settings, log }: OpenParts): Promise<void> {
  const startedMs = performance.now()
  const current = JSON.stringify(settings)
  const recorded = catalog.fact(admissionFact) ?? current
  const opened = await store.open(intake.replayer({ ...settings, ...(JSON.parse(recorded) as AdmissionSettings) }))
  intake.load(opened)
  if (recorded !== current) await store.seal()
  catalog.setFact(admissionFact, current)
  log.info(
    { seq: opened.seq, series: opened.series.length, ms: Math.round(performance.now() - startedMs) },
    'storage is open',
  )
}

/** Known to this installation alone, and the same after a restart: replay tells the collector's own batches by it. */
function ownStreamSecret(catalog: Catalog): Buffer {
  const known = catalog.fact(ownStreamFact)
  if (known !== undefined) return Buffer.from(known, 'hex')
  const secret = randomBytes(ownStreamBytes)
  catalog.setFact(ownStreamFact, secret.toString('hex'))
  return secret
}

function admissionSettings({ ingest }: Config): AdmissionSettings {
  const { maxAgeMs, maxAheadMs, maxSeriesPerMetric, maxSeriesPerProject } = ingest
  return { maxAgeMs, maxAheadMs, maxSeriesPerMetric, maxSeriesPerProject }
}

/** The viewer trusts the loopback interface, so it is off wherever others can come in through it. */
function localViewer({ localViewer: wanted, behindProxy, host }: Config, log: Logger): boolean {
  if (!wanted) return false
  if (!behindProxy && isLoopback(host)) return true
  log.warn('local viewing is off: it needs a loopback --host and no --behind-proxy')
  return false
}

async function listen(app: FastifyInstance, { host, port }: Config): Promise<string> {
  await app.listen({ host, port })
  const address = app.server.address()
  const bound = typeof address === 'object' && address ? address.port : port
  return `http://${host.includes(':') ? `[${host}]` : host}:${bound}`
}

/** Lets open requests finish; what is still open at the end of the time is cut. */
async function drain(app: FastifyInstance, timeoutMs: number, log: Logger): Promise<void> {
  // A connection whose request was under way when the stop began is kept alive by its client: it ends once it is idle.
  const idle = setInterval(() => app.server.closeIdleConnections(), idleCheckMs)
  const timer = setTimeout(() => {
    log.warn('requests were still open at the end of the drain time')
    app.server.closeAllConnections()
  }, timeoutMs)
  await app.close()
  clearInterval(idle)
  clearTimeout(timer)
}
