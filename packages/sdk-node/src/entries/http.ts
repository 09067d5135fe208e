/** `@telltale/sdk-node/http`: one instrument, on the same client as the main entry. */
export { type HttpInstrumentOptions, httpRoute, instrumentHttp } from '@telltale/sdk-node'
