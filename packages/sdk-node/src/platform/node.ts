/** Node as the core sees it. */
import { randomFillSync } from 'node:crypto'
import { mergeBatches, type Platform, sdkVersion, splitBatch } from '@telltale/sdk-core'
import { SpoolQueue } from '../spool/spool-queue.js'
import { nodeClock } from './clock.js'
import { nodeResources } from './cpu.js'
import { exitHooks } from './exit.js'
import { nodeRunContext } from './run-context.js'
import { HttpTransport } from './transport.js'

export const nodePlatform: Platform = {
  sdk: `node/${sdkVersion}`,
  clock: nodeClock,
  logger: { warn: (message) => console.warn(message) },
  env: (name) => process.env[name],
  /** A quarter of what a request may carry. */
  maxBatchBytes: 1024 * 1024,
  split: splitBatch,
  merge: mergeBatches,
  randomBytes: (count) => randomFillSync(new Uint8Array(count)),
  createQueue: (options, context) =>
    options.spool === false ? undefined : new SpoolQueue(options, options.spool, context),
  createTransport: (options) => new HttpTransport(options),
  resources: nodeResources,
  runContext: nodeRunContext,
  onExit: (target) => exitHooks.add(target),
}
