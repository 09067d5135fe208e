/** `@telltale/sdk-node/gc`: one instrument, on the same client as the main entry. */
export { type GcMetricsOptions, gcMetrics } from '@telltale/sdk-node'
