/** `@telltale/sdk-node/system`: one instrument, on the same client as the main entry. */
export { type SystemMetricsOptions, systemMetrics } from '@telltale/sdk-node'
