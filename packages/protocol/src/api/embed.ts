/** `POST /api/v1/embed-tokens`: short-lived tokens for pages, each for a part of a project. */
import { z } from 'zod'
import { Duration, Filters } from './common.js'

/** A metric's name, or `prefix*`; `*` alone is every metric. */
const MetricPattern = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[^*]*\*?$/, 'a name, or a prefix that ends in *')

export const EmbedClaims = z.strictObject({
  metrics: z.array(MetricPattern).min(1).max(100).meta({
    description: 'Names of metrics (and events) that it sees, or prefixes such as `task.*`. Task runs need `task.*`.',
  }),
  filters: Filters.default({}).meta({ description: 'Conditions that everything it sees must meet.' }),
  max_range: Duration.optional().meta({ description: 'Longest range that it may ask for. Absent: any.' }),
  dashboards: z.array(z.uuid()).max(100).default([]).meta({ description: 'Dashboards that it may read.' }),
  annotations: z.boolean().default(false).meta({
    description: 'It sees annotations: those whose tags meet its filters.',
  }),
  edit: z.boolean().default(false).meta({ description: 'It may also change these dashboards.' }),
})

export const EmbedTokenRequest = z
  .strictObject({
    ...EmbedClaims.shape,
    ttl: Duration.default('15m').meta({ description: 'How long it is good for: 1s to 24h.' }),
  })
  .meta({ id: 'EmbedTokenRequest' })
export type EmbedTokenRequest = z.input<typeof EmbedTokenRequest>
export type ResolvedEmbedTokenRequest = z.output<typeof EmbedTokenRequest>

export const EmbedToken = z
  .strictObject({
    token: z.string(),
    expires_at: z.string(),
    id: z.string().meta({ description: 'For `DELETE /api/v1/embed-tokens/{id}`.' }),
  })
  .meta({ id: 'EmbedToken' })
export type EmbedToken = z.infer<typeof EmbedToken>
