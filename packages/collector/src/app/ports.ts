/** What the HTTP side asks of the other stages; the composition root hands it in. */
import type { Duplex } from 'node:stream'
import type { Rejection } from '@telltale/protocol'
import type {
  Annotation,
  AnnotationList,
  Dashboard,
  DashboardSummary,
  Definition,
  EventsIngest,
  HistogramResult,
  IngestResult,
  MetricInfo,
  ResolvedAnyQuery,
  ResolvedDashboardConfig,
  ResolvedDefinitionInput,
  ResolvedEmbedTokenRequest,
  ResolvedEventsQuery,
  ResolvedHistogramQuery,
  ResolvedTasksQuery,
  Retention,
  RetentionInput,
  RowsAck,
  RowsIngest,
  Scope,
  TagList,
  TagValueList,
  TaskRun,
  TasksResult,
  TimeRange,
} from '@telltale/protocol/api'
import type { WebSocket } from 'ws'
import type { Config } from '../config.js'
import type { Logger } from '../log.js'
import type { Permission, Principal, ProjectId, View } from '../model.js'

export interface Auth {
  /** From `Authorization: Bearer …`: a key or an embed token. Throws `unauthorized` or `token_expired`. */
  fromHeader(authorization: string | undefined): MaybePromise<Principal>
  /** From `?key=`: publishable keys alone. Throws `unauthorized` or `forbidden`. */
  fromQuery(key: string): Principal
  /** Throws `forbidden`. */
  requireScope(principal: Principal, permission: Permission): void
}

export interface Ingest {
  /** Our protobuf batch. Resolves once it is durable. */
  batch(project: ProjectId, payload: Uint8Array): Promise<BatchResult>
  events(project: ProjectId, request: EventsIngest): Promise<IngestResult>
  rows(project: ProjectId, request: RowsIngest): Promise<RowsAck>
}

export interface BatchResult {
  batchId: Uint8Array
  accepted: number
  rejected: Rejection[]
  duplicate: boolean
  receivedMs: number
  folded: number
}

type MaybePromise<T> = T | Promise<T>

export interface Queries {
  /** JSON of the answer, with a tag that is equal for equal answers. */
  metricsJson(
    principal: Principal,
    query: ResolvedAnyQuery,
    signal?: AbortSignal,
  ): Promise<{ body: Buffer; etag: string }>
  histogram(principal: Principal, query: ResolvedHistogramQuery, signal?: AbortSignal): Promise<HistogramResult>
  /** The range as it is now, in Unix ms. */
  fixedRange(range: TimeRange): { start: number; end: number }
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
  replace(project: ProjectId, input: ResolvedDefinitionInput, expected?: readonly number[]): Definition
  remove(project: ProjectId, name: string, expected?: readonly number[]): void
}

export interface RetentionManager {
  get(project: ProjectId): Retention
  /** Throws `precondition_failed`. */
  replace(project: ProjectId, input: RetentionInput, expected?: readonly number[]): Promise<Retention>
}

export interface Streams {
  accept(socket: WebSocket, wire?: Pick<Duplex, 'write'>): void
}

/** Dashboards as the catalog keeps them. `check` sees the board as it is, and throws to leave it so. */
export interface Boards {
  list(project: ProjectId, search: BoardSearch): { data: DashboardSummary[]; total: number }
  get(project: ProjectId, id: string): Dashboard | undefined
  byLink(link: string): { project: ProjectId; dashboard: Dashboard } | undefined
  create(project: ProjectId, content: ResolvedDashboardConfig): Dashboard
  update(
    project: ProjectId,
    id: string,
    content: ResolvedDashboardConfig,
    check: (current: Dashboard) => void,
  ): Dashboard | undefined
  remove(project: ProjectId, id: string, check: (current: Dashboard) => void): boolean
  /** Newest first. */
  versions(id: string): { version: number; name: string; savedMs: number }[]
  version(id: string, version: number): ResolvedDashboardConfig | undefined
}

export interface BoardSearch {
  search?: string
  folder?: string
  tag?: string
  /** Absent: all of the project. */
  ids?: readonly string[]
  sort: 'name' | 'created_at' | 'updated_at'
  order: 'asc' | 'desc'
  limit: number
  offset: number
}

/** What a client may say of an annotation. */
export interface AnnotationContent {
  startMs: number
  /** Absent: a moment. */
  endMs?: number
  title: string
  text: string
  severity: Annotation['severity']
  tags: Annotation['tags']
}

/** Annotations as the catalog keeps them. `check` sees one as it is, and throws to leave it so. */
export interface Annotations {
  /** Those that touch the range, the latest first; `sees` says which of them there are for whoever asks. */
  list(
    project: ProjectId,
    search: { startMs: number; endMs: number; search?: string; limit: number },
    sees?: (annotation: Annotation) => boolean,
  ): AnnotationList
  get(project: ProjectId, id: string): Annotation | undefined
  create(project: ProjectId, content: AnnotationContent): Annotation
  update(
    project: ProjectId,
    id: string,
    content: AnnotationContent,
    check: (current: Annotation) => void,
  ): Annotation | undefined
  remove(project: ProjectId, id: string, check: (current: Annotation) => void): boolean
}

/** A key as the catalog keeps it. */
export interface StoredKey {
  id: string
  scope: Scope
  publishable: boolean
  createdMs: number
  revokedMs: number | null
  lastUsedMs: number | null
}

export interface Keys {
  list(project: string): StoredKey[]
  /** `secret` is shown this once. Throws `invalid_request`. */
  create(project: string, scope: Scope, publishable: boolean): StoredKey & { secret: string }
  /** False where no such key is in force. */
  revoke(id: string): boolean
}

/** What the settings show of storage; the store's own figures. */
export interface StorageFigures {
  journalBytes: number
  hotRows: number
  segments: number
  segmentBytes: number
  damagedSegments: number
  tables?: { table: string; segments: number; bytes: number; rows: number }[]
}

export interface Tokens {
  /** `keyId`: the token ends with this key. */
  issue(
    project: ProjectId,
    request: ResolvedEmbedTokenRequest,
    keyId?: string,
  ): Promise<{ token: string; id: string; expiresMs: number }>
  revoke(project: ProjectId, id: string): void
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
  retention: RetentionManager
  boards: Boards
  annotations: Annotations
  /** Which annotations a view sees. */
  annotationSeer(view: View): (annotation: Annotation) => boolean
  /** Unix ms of ISO 8601, `now-1h` or a number. Throws `invalid_time_range`, naming the field. */
  timePoint(value: string | number, field: string): number
  tokens: Tokens
  keys: Keys
  storage(): Promise<StorageFigures>
  streams: Streams
  viewer?: Viewer
  measures: Measures
  /** Folder of the built page and widgets; absent where they were not built. */
  publicDir?: string
  version: string
  readiness(): Readiness
}

export type Readiness = 'ready' | 'starting' | 'stopping' | 'failed'
