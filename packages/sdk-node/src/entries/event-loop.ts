/** `@telltale/sdk-node/event-loop`: one instrument, on the same client as the main entry. */
export { type EventLoopMetricsOptions, eventLoopMetrics } from '@telltale/sdk-node'
