/** The machine and the process at regular intervals, without starting a process or blocking the loop. */
import { SetupError } from '@telltale/sdk-core'
import { eventLoopMetrics } from '../runtime/event-loop.js'
import { gcMetrics } from '../runtime/gc.js'
import { failuresOf } from '../shared/guard.js'
import { booleanOf, intervalOf } from '../shared/options.js'
import { type InstrumentationOptions, type Stop, stopOnce, targetOf } from '../shared/target.js'
import { measureHost } from './host.js'
import { librarySource } from './library-source.js'
import { linuxSource } from './linux-source.js'
import { measureProcess } from './process.js'

export interface SystemMetricsOptions extends InstrumentationOptions {
  /** How often everything but file systems is read, in milliseconds. Default: 5000. */
  intervalMs?: number
  /** How often file systems are read, in milliseconds. Default: 60,000. */
  filesystemIntervalMs?: number
  /** Paths whose file systems are read. Default: the root, or the drive of the working folder on Windows. */
  filesystems?: readonly string[]
  /** Measure the machine. Let one process of a machine do it, or its bytes are counted several times. Default: true. */
  host?: boolean
  /** Measure this process, and its container where it is in one. Default: true. */
  process?: boolean
  /** Measure the delay and utilization of the event loop. Default: true. */
  eventLoop?: boolean
  /** Measure garbage collection. Default: true. */
  gc?: boolean
  /**
   * How memory, disks and network are read: `auto` reads files on Linux, and takes the package `systeminformation`
   * elsewhere; `systeminformation` takes it everywhere. Default: `auto`.
   */
  source?: 'auto' | 'systeminformation'
}

const where = 'systemMetrics'
const defaultIntervalMs = 5000
const defaultFilesystemIntervalMs = 60_000

/** Gauges and counters of the machine (`system.*`), the process (`process.*`, `nodejs.*`, `v8js.*`) and its container. */
export function systemMetrics(options: SystemMetricsOptions = {}): Stop {
  const intervalMs = intervalOf(where, 'intervalMs', options.intervalMs, defaultIntervalMs)
  const filesystemIntervalMs = intervalOf(
    where,
    'filesystemIntervalMs',
    options.filesystemIntervalMs,
    defaultFilesystemIntervalMs,
  )
  const filesystems = filesystemsOf(options.filesystems)
  const source = sourceOf(options.source)
  const wants = (option: 'host' | 'process' | 'eventLoop' | 'gc') => booleanOf(where, option, options[option], true)
  const [host, ownProcess, eventLoop, gc] = [wants('host'), wants('process'), wants('eventLoop'), wants('gc')]

  const target = targetOf(options)
  const failed = failuresOf(where, options)
  const { client, logger } = options
  const steps: (() => void)[] = []
  if (host) steps.push(...measureHost(target, source, { intervalMs, filesystemIntervalMs, filesystems }, failed))
  if (ownProcess) steps.push(...measureProcess(target, intervalMs, failed))
  if (eventLoop) steps.push(eventLoopMetrics({ client, logger, intervalMs }))
  if (gc) steps.push(gcMetrics({ client, logger }))
  return stopOnce(failed, steps)
}

function filesystemsOf(given: readonly string[] | undefined): readonly string[] {
  if (given === undefined) return [process.platform === 'win32' ? process.cwd().slice(0, 3) : '/']
  if (Array.isArray(given) && given.every((path) => typeof path === 'string' && path !== '')) return [...given]
  throw new SetupError('filesystems', 'a list of paths', given, where)
}

function sourceOf(given: SystemMetricsOptions['source'] = 'auto') {
  if (given === 'auto') return process.platform === 'linux' ? linuxSource() : librarySource()
  if (given === 'systeminformation') return librarySource()
  throw new SetupError('source', "'auto' or 'systeminformation'", given, where)
}
