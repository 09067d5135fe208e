/**
 * The hub: takes every durable batch and keeps every open stream up to date.
 *
 *   publish ──► router ──► aggregates (one a question) ──tick──► feeds (one an interval) ──► subscriptions ──► sockets
 *          └──► channels (task runs, events) ─────────────tick──────────────────────────────┘
 */
import type { Interval } from '@telltale/protocol/api'
import type { WebSocket } from 'ws'
import { TelltaleError } from '../errors.js'
import type { Columns, Principal, ProjectId } from '../model.js'
import { Aggregate, type AggregateContext } from './aggregate.js'
import { Channel, type ChannelName } from './channel.js'
import { Clock } from './clock.js'
import {
  Connection,
  type ConnectionContext,
  closeCode,
  type StreamCounters,
  type SubscribeFrames,
  type Wire,
} from './connection.js'
import { LoadQueue } from './load-queue.js'
import { defaultHubLimits, type HubLimits, type HubOptions } from './options.js'
import { Router } from './router.js'
import { ChannelSubscription, MetricSubscription } from './subscription.js'

export interface Hub {
  /** A batch that is durable. To be called in the order of `seq`; columns must not change afterwards. */
  publish(project: ProjectId, seq: number, columns: Columns): void
  /** Takes a socket over; its first frame has to be `auth`. `wire` is the connection under it, for writing in one go. */
  accept(socket: WebSocket, wire?: Wire): void
  stats(): HubStats
  /** Says goodbye to every socket (1001) and resolves when they are gone. */
  close(): Promise<void>
}

export interface HubStats extends StreamCounters {
  clients: number
  subscriptions: number
  aggregates: number
  /** Bodies made; each may have gone to many sockets. */
  bodiesSerialised: number
}

const intervalMs: Record<Exclude<Interval, 'live'>, number> = { '1s': 1_000, '5s': 5_000, '30s': 30_000, '1m': 60_000 }
const checkIntervalMs = 1_000
const maxConcurrentLoads = 2

export function createHub(options: HubOptions): Hub {
  const { planner, authenticate, now = Date.now, log } = options
  const limits: HubLimits = Object.freeze({ ...defaultHubLimits, ...options.limits })
  const counters: StreamCounters = { framesSent: 0, bytesSent: 0, coalesced: 0, closedSlow: 0 }
  const connections = new Set<Connection>()
  const aggregates = new Map<string, Aggregate>()
  const channels = new Map<string, { channel: Channel; interval: Interval }>()
  const router = new Router((series) => planner.metricOf(series))
  const clock = new Clock(now)
  const loads = new LoadQueue(maxConcurrentLoads)
  let bodiesSerialised = 0
  let lastLiveMs = 0
  let isLiveDue = false
  let isClosed = false

  const onSerialised = () => {
    bodiesSerialised++
  }

  const aggregateContext: AggregateContext = {
    now,
    limits,
    log,
    onSerialised,
    queueLoad: (load) => loads.run(load),
    later: (delayMs, run) => clock.at(now() + delayMs, run),
    onFailure: (aggregate, error) => {
      forget(aggregate)
      for (const connection of connections) {
        for (const [id, subscription] of [...connection.subscriptions]) {
          if (!('aggregate' in subscription) || subscription.aggregate !== aggregate) continue
          connection.remove(id)
          connection.sendError(error, id)
        }
      }
    },
  }

  const connectionContext: ConnectionContext = {
    now,
    limits,
    log,
    counters,
    authenticate,
    subscribe,
    onClose: (connection) => connections.delete(connection),
  }

  function subscribe(connection: Connection, frame: SubscribeFrames): void {
    if ('channel' in frame) {
      subscribeChannel(connection, frame)
      return
    }
    const plan = planner.planStream(connection.principal!, frame.query)
    let aggregate = aggregates.get(plan.key)
    if (aggregate === undefined) {
      if (aggregates.size >= limits.maxAggregates) {
        throw new TelltaleError('overloaded', 'Too many different streams are open; close some, or try again later.')
      }
      aggregate = new Aggregate(plan, aggregateContext)
      aggregates.set(plan.key, aggregate)
      router.add(aggregate)
    }
    const { interval, resume = 0 } = frame
    const subscription = new MetricSubscription(connection, frame.id, connection.encoding, aggregate, interval, resume)
    connection.subscriptions.set(frame.id, subscription)
    // A metric that has been seen since makes this start; what fails at once is told to the subscription above.
    if (aggregate.isDormant) aggregate.start()
    if (connection.subscriptions.get(frame.id) !== subscription) return
    subscription.feed = aggregate.subscribe(subscription, interval)
  }

  function subscribeChannel(connection: Connection, frame: Extract<SubscribeFrames, { channel: string }>): void {
    const { channel: name, interval } = frame
    if (name === 'alerts') {
      throw new TelltaleError('not_found', 'There is no channel "alerts" yet; tasks and events can be watched.')
    }
    const channel = channelOf(connection.principal!, name, interval)
    const subscription = new ChannelSubscription(connection, frame.id, channel)
    connection.subscriptions.set(frame.id, subscription)
    channel.welcome(subscription)
  }

  function channelOf(principal: Principal, name: ChannelName, interval: Interval): Channel {
    const { project, viewKey } = principal
    const sees = planner.rowFilter(principal, name)
    const key = JSON.stringify([project, viewKey, name, interval])
    const known = channels.get(key)
    if (known !== undefined) return known.channel
    const channel = new Channel({ project, name, planner, maxRows: limits.maxChannelRows, onSerialised, sees })
    channels.set(key, { channel, interval })
    return channel
  }

  function forget(aggregate: Aggregate): void {
    router.remove(aggregate)
    aggregates.delete(aggregate.plan.key)
  }

  function tick(interval: Interval, nowMs: number): void {
    for (const aggregate of aggregates.values()) aggregate.tick(interval, nowMs)
    for (const entry of channels.values()) if (entry.interval === interval) entry.channel.tick()
  }

  /** The first change goes out at once, those that follow it are gathered. */
  function scheduleLive(): void {
    if (isLiveDue || isClosed) return
    isLiveDue = true
    clock.at(lastLiveMs + limits.liveIntervalMs, (nowMs) => {
      isLiveDue = false
      lastLiveMs = nowMs
      tick('live', nowMs)
    })
  }

  function check(nowMs: number): void {
    for (const connection of connections) connection.check(nowMs)
    for (const aggregate of [...aggregates.values()]) {
      if (!aggregate.isUnused || nowMs - aggregate.idleSinceMs < limits.lingerMs) continue
      forget(aggregate)
      aggregate.close()
    }
    for (const [key, { channel }] of channels) if (channel.subscribers.size === 0) channels.delete(key)
  }

  for (const [interval, ms] of Object.entries(intervalMs)) {
    clock.every(ms, (nowMs) => tick(interval as Interval, nowMs))
  }
  clock.every(checkIntervalMs, (nowMs) => {
    // Time passes for `live` streams too: windows slide while nothing arrives.
    tick('live', nowMs)
    check(nowMs)
  })

  return {
    publish(project, seq, columns) {
      if (isClosed) return
      let isConcerned = router.publish(project, seq, columns)
      for (const { channel } of channels.values()) {
        if (channel.project === project && channel.publish(columns)) isConcerned = true
      }
      if (isConcerned) scheduleLive()
    },

    accept(socket, wire) {
      if (isClosed) return socket.close(closeCode.goingAway, 'shutting down')
      connections.add(new Connection(socket, connectionContext, wire))
    },

    stats() {
      let subscriptions = 0
      for (const connection of connections) subscriptions += connection.subscriptions.size
      return { ...counters, clients: connections.size, subscriptions, aggregates: aggregates.size, bodiesSerialised }
    },

    async close() {
      isClosed = true
      clock.close()
      const sockets = [...connections]
      const gone = sockets.map((connection) => connection.goodbye(closeCode.goingAway, 'shutting down'))
      for (const aggregate of aggregates.values()) aggregate.close()
      aggregates.clear()
      channels.clear()
      await Promise.all(gone)
    },
  }
}
