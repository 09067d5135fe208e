/** Commands of a Redis client, and what the server says of its memory and its hits. */
import { type Attributes, SetupError } from '@telltale/sdk-core'
import { operationDuration } from '../shared/database.js'
import { errorType } from '../shared/error-type.js'
import { failuresOf } from '../shared/guard.js'
import { intervalOf } from '../shared/options.js'
import { poll } from '../shared/poll.js'
import { type InstrumentationOptions, type Stop, stopOnce, targetOf } from '../shared/target.js'
import { patchCommands, type RecordCommand, type RedisClient } from './command.js'
import { InfoReader } from './info.js'

export interface RedisInstrumentOptions extends InstrumentationOptions {
  /** How often the server is asked for `INFO`, in milliseconds; `false` for never. Default: 10,000. */
  infoIntervalMs?: number | false
}

const where = 'instrumentRedis'
const defaultInfoIntervalMs = 10_000

/**
 * The histogram `db.client.operation.duration` in seconds by `db.operation.name` and `error.type`, and the gauges
 * `redis.memory.used`, `redis.memory.rss`, `redis.maxmemory`, `redis.clients.connected` and `redis.keyspace.hit_ratio`.
 * Takes a client of node-redis or ioredis, connected or not. Keys and values go nowhere.
 */
export function instrumentRedis(client: RedisClient, options: RedisInstrumentOptions = {}): Stop {
  if (typeof client?.sendCommand !== 'function') {
    throw new SetupError('client', 'a client of node-redis or ioredis', client, where)
  }
  const { infoIntervalMs = defaultInfoIntervalMs } = options
  const intervalMs =
    infoIntervalMs === false ? undefined : intervalOf(where, 'infoIntervalMs', infoIntervalMs, defaultInfoIntervalMs)
  const target = targetOf(options)
  const failed = failuresOf(where, options)
  const info = new InfoReader(client, target, addressOf(client))
  const steps = [...patchCommands(client, commandRecorder(options), () => info.asking), () => info.stop()]
  if (intervalMs !== undefined) steps.push(poll(intervalMs, 'asking for INFO', failed, () => info.read()))
  return stopOnce(failed, steps)
}

function commandRecorder(options: RedisInstrumentOptions): RecordCommand {
  const duration = operationDuration(targetOf(options))
  const failed = failuresOf(where, options)
  return (operation, seconds, error) => {
    try {
      duration.record(seconds, {
        'db.system.name': 'redis',
        'db.operation.name': operation,
        'error.type': error === undefined ? undefined : redisErrorType(error),
      })
    } catch (problem) {
      failed('measuring a command', problem)
    }
  }
}

/** The first word of what Redis answers is the kind of the error: WRONGTYPE, NOSCRIPT, OOM, ERR. */
function redisErrorType(error: unknown): string {
  const message = error instanceof Error ? error.message : ''
  return /^[A-Z]{2,20}(?= )/.exec(message)?.[0] ?? errorType(error)
}

/** Where the server is, as far as the client says. */
function addressOf(client: object): Attributes {
  const { options } = client as {
    options?: { host?: unknown; port?: unknown; socket?: { host?: unknown; port?: unknown } }
  }
  const { host = 'localhost', port = 6379 } = options?.socket ?? options ?? {}
  return { 'server.address': String(host), 'server.port': String(port) }
}
