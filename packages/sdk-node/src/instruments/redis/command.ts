/** One client of Redis, of node-redis or ioredis: each command from the call to the answer. */
import { performance } from 'node:perf_hooks'
import { isPromise, whenSettled } from '../shared/database.js'
import { patch } from '../shared/patch.js'

export interface RedisClient {
  sendCommand(...args: never[]): unknown
}

type Send = (this: unknown, ...args: unknown[]) => unknown
export type RecordCommand = (operation: string, seconds: number, error: unknown) => void

/** What ioredis hands to `sendCommand`. */
interface IoredisCommand {
  name: string
  callback?: unknown
}

/** In newer and older lines of node-redis: what a transaction and a pipeline go through. */
const batches: Readonly<Record<string, string>> = {
  _executeMulti: 'MULTI',
  _executePipeline: 'PIPELINE',
  multiExecutor: 'MULTI',
}

/** `isOurs` says whether a call comes from the instrument itself. `record` must not throw. */
export function patchCommands(client: RedisClient, record: RecordCommand, isOurs: () => boolean): (() => void)[] {
  // Clients of node-redis with options of their own inherit from the first one.
  const { _self = client } = client as { _self?: object }
  const object = _self as Record<string, Send>
  const undo = [patchSend(object, record, isOurs)]
  for (const [name, operation] of Object.entries(batches)) {
    if (typeof object[name] === 'function') undo.push(patchBatch(object, name, operation, record))
  }
  return undo
}

function patchSend(object: Record<string, Send>, record: RecordCommand, isOurs: () => boolean): () => void {
  /** ioredis sends a command again that had to wait for its connection. */
  const begun = new WeakSet<object>()
  return patch(
    object,
    'sendCommand',
    (original, isActive) =>
      function sendCommand(this: unknown, ...args: unknown[]) {
        const [command] = args
        if (!isActive() || isOurs()) return original.apply(this, args)
        const startMs = performance.now()
        if (Array.isArray(command)) {
          const result = original.apply(this, args)
          return isPromise(result)
            ? whenSettled(result, startMs, (...end) => record(operationOf(command[0]), ...end))
            : result
        }
        if (!isIoredisCommand(command) || begun.has(command)) return original.apply(this, args)
        begun.add(command)
        const result = original.apply(this, args)
        if (!isPromise(result)) return result
        const measured = whenSettled(result, startMs, (...end) => record(operationOf(command.name), ...end))
        // The host of a pipeline or a callback hears of a failure elsewhere, and looks at no promise of ours.
        if (args[1] === undefined && typeof command.callback !== 'function') return measured
        measured.then(undefined, () => {})
        return result
      },
  )
}

function patchBatch(object: Record<string, Send>, name: string, operation: string, record: RecordCommand): () => void {
  return patch(
    object,
    name,
    (original, isActive) =>
      function batch(this: unknown, ...args: unknown[]) {
        if (!isActive()) return original.apply(this, args)
        const startMs = performance.now()
        const result = original.apply(this, args)
        return isPromise(result) ? whenSettled(result, startMs, (...end) => record(operation, ...end)) : result
      },
  )
}

function isIoredisCommand(command: unknown): command is IoredisCommand {
  return typeof command === 'object' && command !== null && 'name' in command && typeof command.name === 'string'
}

/** Such as GET and JSON.SET. What looks like no name of a command may be anything, a key or a value included. */
export function operationOf(name: unknown): string {
  const upper = String(name).toUpperCase()
  return /^[A-Z][A-Z0-9._|-]{0,31}$/.test(upper) ? upper : 'OTHER'
}
