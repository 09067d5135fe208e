/** `/api/v1/retention`: how long a project keeps what, by prefix of its metrics. */
import { z } from 'zod'
import { Duration } from './common.js'

const hourMs = 3_600_000
const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1e3, m: 6e4, h: hourMs, d: 864e5, w: 6048e5 }

/** Whole files go, so that less than an hour could not be kept to. */
const Age = Duration.refine((text) => {
  const [, number, unit] = /^([\d.]+)([a-z]+)$/.exec(text) ?? []
  const ms = Number(number) * (unitMs[unit ?? ''] ?? Number.NaN)
  return ms >= hourMs && ms <= 3.2e12
}, 'must be between 1h and 100 years (36500d)')

const periods = {
  raw: Age.optional().meta({ description: 'Samples and histograms as they came.' }),
  '1m': Age.optional().meta({ description: 'Rollups of a minute.' }),
  '5m': Age.optional(),
  '1h': Age.optional(),
  '1d': Age.optional(),
  events: Age.optional().meta({ description: 'Events, task runs and sessions; only with the prefix "".' }),
}

export const RetentionRule = z
  .strictObject({
    prefix: z
      .string()
      .max(256)
      .meta({ description: 'Metrics whose names begin with it; "": all. The longest that fits decides.' }),
    ...periods,
  })
  .refine(({ prefix, events }) => prefix === '' || events === undefined, {
    path: ['events'],
    message: 'events belong to no metric: set this in the rule with the prefix ""',
  })
  .refine(({ prefix: _, ...ages }) => Object.values(ages).some((age) => age !== undefined), {
    message: 'says nothing: set at least one of raw, 1m, 5m, 1h, 1d and events',
  })
  .meta({ id: 'RetentionRule' })
export type RetentionRule = z.infer<typeof RetentionRule>

export const RetentionInput = z
  .strictObject({
    rules: z
      .array(RetentionRule)
      .max(100)
      .refine((rules) => new Set(rules.map(({ prefix }) => prefix)).size === rules.length, {
        message: 'has two rules for one prefix; join them',
      }),
  })
  .meta({ id: 'RetentionInput' })
export type RetentionInput = z.infer<typeof RetentionInput>

export const Retention = z
  .strictObject({
    rules: z.array(RetentionRule),
    defaults: z.strictObject({
      raw: z.string(),
      '1m': z.string(),
      '5m': z.string(),
      '1h': z.string(),
      '1d': z.string(),
      events: z.string(),
    }),
    configured: z
      .array(RetentionRule)
      .meta({ description: 'Rules of the configuration, which those above go before.' }),
    version: z.number().int().meta({ description: 'Counts edits, from 0; the `ETag` is this number.' }),
  })
  .meta({ id: 'Retention' })
export type Retention = z.infer<typeof Retention>

/** The unit of every duration is known by now. */
export function ageMs(text: string): number {
  const [, number, unit] = /^([\d.]+)([a-z]+)$/.exec(text) as RegExpExecArray
  return Number(number) * (unitMs[unit!] as number)
}
