/** Shapes that several requests share: durations, time ranges, tags and the error body. */
import { z } from 'zod'

/** A duration such as `500ms`, `5s`, `15m`, `24h`, `30d`, `1w`. */
export const Duration = z
  .string()
  .regex(/^\d+(\.\d+)?(ms|s|m|h|d|w)$/, 'a duration such as 500ms, 5s, 15m, 24h or 30d')
  .meta({ id: 'Duration', description: 'A duration: a number and a unit (ms, s, m, h, d, w).', examples: ['15m'] })

/** ISO 8601, `now`, `now-1h`, `now-7d`, or Unix milliseconds. */
export const TimePoint = z.union([z.string().min(1).max(64), z.number()]).meta({
  id: 'TimePoint',
  description: 'ISO 8601, relative to now (`now-1h`), or Unix milliseconds.',
  examples: ['now-1h'],
})

export const TimeRange = z.strictObject({ start: TimePoint, end: TimePoint.default('now') }).meta({ id: 'TimeRange' })
export type TimeRange = z.input<typeof TimeRange>

export const TagValue = z.union([z.string().max(4096), z.number(), z.boolean()])

/** A condition on one tag; the parts that are given must all hold. */
export const FilterCondition = z
  .strictObject({
    eq: TagValue.optional(),
    in: z.array(TagValue).max(10_000).optional(),
    not: z.union([TagValue, z.array(TagValue).max(10_000)]).optional(),
    prefix: z.string().max(4096).optional(),
    exists: z.boolean().optional(),
  })
  .meta({ id: 'FilterCondition' })
export type FilterCondition = z.infer<typeof FilterCondition>

/** Tag name → value, or a condition. */
export const Filters = z
  .record(z.string().min(1).max(256), z.union([TagValue, FilterCondition]))
  .meta({ id: 'Filters', description: 'Tag name → value or condition.', examples: [{ 'task.type': 'email' }] })
export type Filters = z.infer<typeof Filters>

export const ErrorBody = z
  .strictObject({
    error: z.strictObject({
      code: z.string().meta({ description: 'Stable, snake_case; match on this.' }),
      message: z.string().meta({ description: 'What happened and what to do next.' }),
      details: z.unknown().optional(),
    }),
  })
  .meta({ id: 'Error' })
export type ErrorBody = z.infer<typeof ErrorBody>
