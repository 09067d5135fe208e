/** API keys, and what a credential may do. */
import { z } from 'zod'

export const Scope = z
  .enum(['ingest', 'read', 'admin'])
  .meta({ id: 'Scope', description: 'admin includes read and ingest.' })
export type Scope = z.infer<typeof Scope>

export const KeyRequest = z
  .strictObject({
    scope: Scope,
    publishable: z.boolean().default(false).meta({ description: 'A `pk_…` key for pages; scope ingest alone.' }),
  })
  .meta({ id: 'KeyRequest' })
export type ResolvedKeyRequest = z.output<typeof KeyRequest>

export const ApiKey = z
  .strictObject({
    id: z.string(),
    scope: Scope,
    publishable: z.boolean(),
    created_at: z.string(),
    last_used_at: z.string().nullable(),
    revoked_at: z.string().nullable(),
  })
  .meta({ id: 'ApiKey' })
export type ApiKey = z.infer<typeof ApiKey>

export const KeyList = z.strictObject({ data: z.array(ApiKey) }).meta({ id: 'KeyList' })

export const CreatedApiKey = ApiKey.extend({
  key: z.string().meta({ description: 'Shown this once; only its hash is kept.' }),
  project: z.string(),
}).meta({ id: 'CreatedApiKey' })
export type CreatedApiKey = z.infer<typeof CreatedApiKey>

export const WhoAmI = z
  .strictObject({
    project: z.string(),
    permissions: z.array(z.enum(['ingest', 'read', 'edit', 'admin'])),
    expires_at: z.string().nullable(),
  })
  .meta({ id: 'WhoAmI' })
export type WhoAmI = z.infer<typeof WhoAmI>

export const StorageUse = z
  .strictObject({
    journal_bytes: z.number(),
    hot_rows: z.number(),
    segments: z.number().int(),
    segment_bytes: z.number(),
    damaged_segments: z.number().int(),
    tables: z.array(
      z.strictObject({ table: z.string(), segments: z.number().int(), bytes: z.number(), rows: z.number() }),
    ),
  })
  .meta({ id: 'StorageUse' })
export type StorageUse = z.infer<typeof StorageUse>
