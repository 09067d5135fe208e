/** `@telltale/sdk-node/pg`: one instrument, on the same client as the main entry. */
export { instrumentPg, type PgClient, type PgInstrumentOptions, type PgPool } from '@telltale/sdk-node'
