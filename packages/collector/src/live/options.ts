/** Settings of the hub, with their defaults. */
import type { Principal } from '../model.js'
import type { LivePlanner } from './planner.js'

export interface HubLimits {
  /** The first frame must be a good `auth` within this. Default 5 s. */
  authTimeoutMs: number
  /** Subscriptions of one socket. Default 200. */
  maxSubscriptions: number
  /** Different questions that are kept up to date, over all projects. Default 5,000. */
  maxAggregates: number
  /** Frames that may wait for a pending authentication. Default 256. */
  maxPendingFrames: number
  /** Above this many unsent bytes a socket gets no deltas. Default 256 KiB. */
  pauseAtBytes: number
  /** Above this many unsent bytes a socket is closed. Default 1 MiB. */
  closeAtBytes: number
  /** So long without being able to catch up, and a socket is closed. Default 10 s. */
  maxBehindMs: number
  /** Silence before a peer is pinged, and before one that does not answer is dropped. Default 20 s. */
  pingIntervalMs: number
  /** `live` streams gather what arrives within this. Default 25 ms. */
  liveIntervalMs: number
  /** An aggregate without subscribers stays this long, for those who reconnect. Default 5 s. */
  lingerMs: number
  /** Rows that wait while one aggregate is loaded; beyond it loading starts over. Default 2,000,000. */
  maxHeldRows: number
  /** Rows of one frame of a channel; the newest are kept. Default 100. */
  maxChannelRows: number
  /** How long `close` waits for peers to say goodbye. Default 1 s. */
  closeTimeoutMs: number
}

export const defaultHubLimits: HubLimits = {
  authTimeoutMs: 5_000,
  maxSubscriptions: 200,
  maxAggregates: 5_000,
  maxPendingFrames: 256,
  pauseAtBytes: 256 * 1024,
  closeAtBytes: 1024 * 1024,
  maxBehindMs: 10_000,
  pingIntervalMs: 20_000,
  liveIntervalMs: 25,
  lingerMs: 5_000,
  maxHeldRows: 2_000_000,
  maxChannelRows: 100,
  closeTimeoutMs: 1_000,
}

/** The part of a logger that the hub uses. */
export interface HubLog {
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface HubOptions {
  planner: LivePlanner
  /** Who asks. Rejects with a `TelltaleError`: `unauthorized`, `token_expired` or `forbidden`. */
  authenticate(token: string): Promise<Principal>
  /** Unix ms; default `Date.now`. */
  now?: () => number
  limits?: Partial<HubLimits>
  log?: HubLog
}
