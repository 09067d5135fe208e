/** What a Redis says of itself: `INFO`, now and then. */
import type { Attributes } from '@telltale/sdk-core'
import type { InstrumentTarget } from '../shared/target.js'

/** The two clients say in two ways whether they are connected: a command that has to wait is none for us. */
interface InfoClient {
  info?(): Promise<unknown>
  isReady?: boolean
  status?: string
}

/**
 * Levels and ratios only, no counters: several processes may watch one server, and sums of what each of them sees would
 * be too large.
 */
export class InfoReader {
  readonly #client: InfoClient
  readonly #record: (fields: ReadonlyMap<string, number>) => void
  /** True while the command is being sent: it is not the host's. */
  asking = false
  #stopped = false

  constructor(client: object, target: InstrumentTarget, attributes: Attributes) {
    this.#client = client
    this.#record = recorder(target, attributes)
  }

  async read(): Promise<void> {
    const client = this.#client
    const isConnected = client.isReady ?? (client.status === undefined || client.status === 'ready')
    if (!isConnected || typeof client.info !== 'function') return
    this.asking = true
    let answer: Promise<unknown>
    try {
      answer = client.info()
    } finally {
      this.asking = false
    }
    const text = await answer
    if (!this.#stopped) this.#record(parseInfo(String(text)))
  }

  stop(): void {
    this.#stopped = true
  }
}

/** Lines of `name:value`; those without a number are left out. */
export function parseInfo(text: string): Map<string, number> {
  const fields = new Map<string, number>()
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':')
    const value = Number(line.slice(colon + 1).trim() || Number.NaN)
    if (colon > 0 && Number.isFinite(value)) fields.set(line.slice(0, colon), value)
  }
  return fields
}

function recorder(target: InstrumentTarget, attributes: Attributes): (fields: ReadonlyMap<string, number>) => void {
  const gauge = (name: string, unit: string, description: string) =>
    target.gauge(name, { unit, description }).with(attributes)
  const levels = [
    ['used_memory', gauge('redis.memory.used', 'By', 'Memory that Redis has allocated for data.')],
    ['used_memory_rss', gauge('redis.memory.rss', 'By', 'Memory of Redis as the system sees it.')],
    ['maxmemory', gauge('redis.maxmemory', 'By', 'Limit of memory; 0 for none.')],
    ['connected_clients', gauge('redis.clients.connected', '', 'Clients that are connected.')],
  ] as const
  const hitRatio = gauge('redis.keyspace.hit_ratio', '1', 'Share of look-ups since the last reading that found a key.')
  let before: { hits: number; misses: number } | undefined
  return (fields) => {
    for (const [field, level] of levels) {
      const value = fields.get(field)
      if (value !== undefined) level.set(value)
    }
    const hits = fields.get('keyspace_hits')
    const misses = fields.get('keyspace_misses')
    if (hits === undefined || misses === undefined) return
    // Without a reading before, or after a restart, all that the server counts is the interval.
    const isReset = before === undefined || hits < before.hits || misses < before.misses
    const newHits = isReset ? hits : hits - before!.hits
    const lookUps = newHits + (isReset ? misses : misses - before!.misses)
    // Where nobody looked anything up there is no ratio.
    if (lookUps > 0) hitRatio.set(newHits / lookUps)
    before = { hits, misses }
  }
}
