/** Frames of `ws://HOST/ws/analytics`. */
import { z } from 'zod'
import { type DataRow, StreamQuery, type Tags } from './metrics.js'

export const Interval = z.enum(['live', '1s', '5s', '30s', '1m'])
export type Interval = z.infer<typeof Interval>

const id = z.string().min(1).max(128)

export const AuthFrame = z.strictObject({
  type: z.literal('auth'),
  token: z.string().min(1).max(8192),
  encoding: z.enum(['rows', 'columns']).default('rows'),
})
export const SubscribeFrame = z.strictObject({
  type: z.literal('subscribe'),
  id,
  query: StreamQuery,
  interval: Interval.default('1s'),
  /** The last `seq` seen before a reconnect. */
  resume: z.number().int().min(0).optional(),
})
export const SubscribeChannelFrame = z.strictObject({
  type: z.literal('subscribe'),
  id,
  channel: z.enum(['alerts', 'tasks', 'events']),
  interval: Interval.default('1s'),
})
export const UnsubscribeFrame = z.strictObject({ type: z.literal('unsubscribe'), id })
export const PingFrame = z.strictObject({ type: z.literal('ping') })

export const ClientFrame = z.union([AuthFrame, SubscribeFrame, SubscribeChannelFrame, UnsubscribeFrame, PingFrame])
export type ClientFrame = z.input<typeof ClientFrame>

/** After a good auth frame; `server_time` lets a page measure its clock's offset. */
export interface ReadyFrame {
  type: 'ready'
  server_time: string
}

/** `encoding: "rows"`. A snapshot replaces what the client holds; a delta replaces the buckets that it names. */
export interface MetricsUpdateFrame {
  type: 'metrics_update'
  id: string
  seq: number
  mode: 'snapshot' | 'delta'
  data: z.infer<typeof DataRow>[]
  meta?: StreamMeta
}

/** `encoding: "columns"`: the same, as columns. `times[i]` and `values[i]` belong to `groups[group[i]]`. */
export interface MetricsColumnsFrame {
  type: 'metrics_update'
  id: string
  seq: number
  mode: 'snapshot' | 'delta'
  /** Snapshot: every group's tags. Delta: only tags of groups that are new, appended to those known. */
  groups: z.infer<typeof Tags>[]
  group: number[]
  /** Unix ms, bucket starts. */
  times: number[]
  values: (number | null)[]
  meta?: StreamMeta
}

/** With every snapshot. */
export interface StreamMeta {
  step_ms: number
  range_ms: number
  kind: string
  unit: string
}

/** Rows of a `tasks` or `events` channel that were stored since the last frame, newest last. */
export interface ChannelUpdateFrame {
  type: 'channel_update'
  id: string
  seq: number
  channel: string
  data: unknown[]
  /** Rows that were left out since the last frame: a tick keeps the newest 100, a slow client misses some. */
  skipped?: number
}

export interface ErrorFrame {
  type: 'error'
  id?: string
  error: { code: string; message: string }
}
export interface PongFrame {
  type: 'pong'
}
export interface UnsubscribedFrame {
  type: 'unsubscribed'
  id: string
}

export type ServerFrame =
  | ReadyFrame
  | MetricsUpdateFrame
  | MetricsColumnsFrame
  | ChannelUpdateFrame
  | ErrorFrame
  | PongFrame
  | UnsubscribedFrame
