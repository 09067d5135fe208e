/** The browser as the core sees it. */
import { type Platform, sdkVersion } from '@telltale/sdk-core'
import { browserClock } from './clock.js'
import { flushOnHide } from './exit.js'
import { FetchTransport } from './transport.js'

export const browserPlatform: Platform = {
  sdk: `browser/${sdkVersion}`,
  clock: browserClock,
  logger: { warn: (message) => console.warn(message) },
  env: () => undefined,
  /** A batch of events fits the budget of requests that outlive the page. */
  maxBatchBytes: 48 * 1024,
  /** Batches are small here, and the means to cut them are not. */
  split: undefined,
  randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  createTransport: (options) => new FetchTransport(options),
  /** Browsers tell a page nothing of its CPU time; memory readings are rough and not everywhere. */
  resources: {},
  onExit: flushOnHide,
}
