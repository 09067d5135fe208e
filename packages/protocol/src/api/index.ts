/** HTTP and WebSocket shapes, as zod schemas. Code that runs in a browser imports only their types. */
export type { ResolvedAnnotationInput } from './annotations.js'
export { Annotation, AnnotationInput, AnnotationList } from './annotations.js'
export { Duration, ErrorBody, FilterCondition, Filters, TagValue, TimePoint, TimeRange } from './common.js'
export type { ResolvedDashboardConfig } from './dashboards.js'
export {
  Dashboard,
  DashboardConfig,
  DashboardExport,
  DashboardFilter,
  DashboardList,
  DashboardSummary,
  DashboardTemplate,
  DashboardVersions,
  DashboardWidget,
  dashboardFormatVersion,
  gridColumns,
  PublicDashboard,
  WidgetConfig,
  WidgetPosition,
  WidgetType,
} from './dashboards.js'
export type { ResolvedDefinitionInput } from './definitions.js'
export { Definition, DefinitionInput, DefinitionList } from './definitions.js'
export type { ResolvedEmbedTokenRequest } from './embed.js'
export { EmbedClaims, EmbedToken, EmbedTokenRequest } from './embed.js'
export type { ResolvedEventsQuery } from './events.js'
export {
  AnyEventsIngest,
  AttributeValue,
  EventInput,
  EventsIngest,
  EventsQuery,
  EventsTrendQuery,
  eventsIngestSchema,
  IngestResult,
} from './events.js'
export type { BinaryOperator, ExpressionLeaf, ExpressionNode, FunctionName, ParsedExpression } from './expression.js'
export { ExpressionError, expressionFunctions, formulaOver, parseExpression } from './expression.js'
export type { LooseMetricsBatch as ResolvedMetricsBatch, ResolvedAnyQuery, ResolvedFormulaQuery } from './formula.js'
export {
  AnyMetricsQuery,
  FormulaOperand,
  FormulaQuery,
  LooseMetricsBatch,
  MetricsBatch,
  MetricsBatchResult,
  maxBatchQueries,
  maxFormulaQueries,
  metricsQuerySchema,
} from './formula.js'
export type { ResolvedHistogramQuery } from './histogram.js'
export { HistogramQuery, HistogramResult } from './histogram.js'
export type { ResolvedKeyRequest } from './keys.js'
export { ApiKey, CreatedApiKey, KeyList, KeyRequest, Scope, StorageUse, WhoAmI } from './keys.js'
export type { ResolvedMetricsQuery, ResolvedStreamQuery } from './metrics.js'
export {
  Aggregation,
  DataRow,
  Fill,
  MetricInfo,
  MetricKind,
  MetricList,
  MetricsColumns,
  MetricsQuery,
  MetricsResult,
  NamedAggregation,
  QueryMeta,
  StreamQuery,
  TagList,
  Tags,
  TagValueList,
} from './metrics.js'
export { ageMs, Retention, RetentionInput, RetentionRule } from './retention.js'
export { RowsAck, RowsIngest } from './rows.js'
export type {
  ChannelUpdateFrame,
  ErrorFrame,
  MetricsColumnsFrame,
  MetricsUpdateFrame,
  PongFrame,
  ReadyFrame,
  ServerFrame,
  StreamMeta,
  UnsubscribedFrame,
} from './stream.js'
export {
  AuthFrame,
  ClientFrame,
  Interval,
  PingFrame,
  SubscribeChannelFrame,
  SubscribeFrame,
  UnsubscribeFrame,
} from './stream.js'
export type { ResolvedTasksQuery } from './tasks.js'
export { TaskRun, TaskSort, TaskStatusName, TaskStep, TasksQuery, TasksResult } from './tasks.js'
