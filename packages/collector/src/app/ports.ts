/** What the HTTP side asks of the other stages; the composition root hands it in. */
import type { Rejection } from '@telltale/protocol'
import type {
  Definition,
  EventsIngest,
  HistogramResult,
  IngestResult,
  MetricInfo,
  ResolvedDefinitionInput,
  ResolvedEventsQuery,
  ResolvedHistogramQuery,
  ResolvedMetricsQuery,
  ResolvedTasksQuery,
  Scope,
  TagList,
  TagValueList,
  TaskRun,
  TasksResult,
} from '@telltale/protocol/api'
import type { WebSocket } from 'ws'
import type { Config } from '../config.js'
import type { Logger } from '../log.js'
import type { Principal, ProjectId } from '../model.js'

export interface Auth {
  /** From `Authorization: Bearer …`. Throws `unauthorized`. */
  fromHeader(authorization: string | undefined): Principal
  /** From `?key=`: publishable keys alone. Throws `unauthorized` or `forbidden`. */
  fromQuery(key: string): Principal
  /** Throws `forbidden`. */
  requireScope(principal: Principal, scope: Scope): void
}

export interface Ingest {
  /** Our protobuf batch. Resolves once it is durable. */
  batch(project: ProjectId, payload: Uint8Array): Promise<BatchResult>
  events(project: ProjectId, request: EventsIngest): Promise<IngestResult>
}

export interface BatchResult {
  batchId: Uint8Array
  accepted: number
  rejected: Rejection[]
  duplicate: boolean
  receivedMs: number
}

type MaybePromise<T> = T | Promise<T>

export interface Queries {
  /** JSON of the answer, with a tag that is equal for equal answers. */
  metricsJson(
    principal: Principal,
    query: ResolvedMetricsQuery,
    signal?: AbortSignal,
  ): Promise<{ body: Buffer; etag: string }>
  histogram(principal: Principal, query: ResolvedHistogramQuery, signal?: AbortSignal): Promise<HistogramResult>
  listMetrics(principal: Principal, search?: string): MaybePromise<{ data: MetricInfo[] }>
  metric(principal: Principal, name: string): MaybePromise<MetricInfo>
  metricTags(principal: Principal, name: string): MaybePromise<TagListShape>
  tagValues(principal: Principal, name: string, key: string, search?: string): MaybePromise<TagValuesShape>
  tasks(principal: Principal, query: ResolvedTasksQuery, signal?: AbortSignal): Promise<TasksResult>
  task(principal: Principal, id: string): Promise<TaskRun>
  events(principal: Principal, query: ResolvedEventsQuery, signal?: AbortSignal): Promise<unknown>
}

type TagListShape = ReturnType<typeof TagList.parse>
type TagValuesShape = ReturnType<typeof TagValueList.parse>

export interface Definitions {
  list(project: ProjectId): Definition[]
  /** Throws `unknown_definition`, as `replace` and `remove` do. */
  get(project: ProjectId, name: string): Definition
  /** Throws `conflict`. */
  create(project: ProjectId, input: ResolvedDefinitionInput): Definition
  /** Throws `precondition_failed` where another version than this one is in force, as `remove` does. */
  replace(project: ProjectId, input: ResolvedDefinitionInput, version?: number): Definition
  remove(project: ProjectId, name: string, version?: number): void
}

export interface Streams {
  accept(socket: WebSocket): void
}

/** The page on this machine: a read token of this process, where that was asked for. */
export interface Viewer {
  token: string
  project: string
}

export interface Measures {
  /** Prometheus text. */
  metricsText(): Promise<string>
  querySeconds(kind: string, seconds: number): void
  httpResponse(route: string, status: number, seconds: number): void
}

export interface AppParts {
  config: Config
  log: Logger
  auth: Auth
  ingest: Ingest
  queries: Queries
  definitions: Definitions
  streams: Streams
  viewer?: Viewer
  measures: Measures
  /** Folder of the built page and widgets; absent where they were not built. */
  publicDir?: string
  version: string
  readiness(): Readiness
}

export type Readiness = 'ready' | 'starting' | 'stopping' | 'failed'
