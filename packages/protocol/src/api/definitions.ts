/** `/api/v1/definitions`: what a team says about its own metrics, before or after the first sample. */
import { z } from 'zod'
import { ExpressionError, parseExpression } from './expression.js'
import { Aggregation, MetricKind } from './metrics.js'

const name = z.string().min(1).max(256)

const Bounds = z
  .strictObject({
    min: z.number().optional().meta({ description: 'Lowest value that is taken; absent: none.' }),
    max: z.number().optional().meta({ description: 'Highest value that is taken; absent: none.' }),
  })
  .refine(({ min, max }) => min === undefined || max === undefined || min <= max, 'min must not be above max')
  .meta({
    id: 'MetricBounds',
    description: 'Rows outside are refused as `out_of_bounds`: samples and deltas by value, histograms by min and max.',
  })

/** Undefined: it can be read. Which metrics there are is for whoever asks it. */
function problemOf(expression: string): string | undefined {
  try {
    return parseExpression(expression).groupBy.length > 0 ? 'leave by (…) out: queries say how they group' : undefined
  } catch (error) {
    if (error instanceof ExpressionError) return error.message
    throw error
  }
}

const fields = {
  name,
  kind: MetricKind,
  unit: z.string().max(64).default(''),
  description: z.string().max(2000).default(''),
  attributes: z
    .array(name)
    .max(32)
    .nullable()
    .default(null)
    .meta({ description: 'Attributes that its series may have besides those of the resource; null: any.' }),
  bounds: Bounds.default({}),
  expression: z
    .string()
    .min(1)
    .max(2000)
    .superRefine((text, context) => {
      const problem = problemOf(text)
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
    })
    .nullable()
    .default(null)
    .meta({ description: 'For a metric that is computed from others, such as `orders.paid / orders.total * 100`.' }),
  default_aggregation: Aggregation.nullable().default(null),
}

/** As it is created, and replaced. */
export const DefinitionInput = z.strictObject(fields).meta({ id: 'DefinitionInput' })
export type DefinitionInput = z.input<typeof DefinitionInput>
export type ResolvedDefinitionInput = z.output<typeof DefinitionInput>

export const Definition = z
  .strictObject({
    id: name.meta({ description: 'The same as `name`.' }),
    ...fields,
    version: z.number().int().meta({ description: 'Counts edits; the `ETag` is this number.' }),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'Definition' })
export type Definition = z.output<typeof Definition>

export const DefinitionList = z.strictObject({ data: z.array(Definition) }).meta({ id: 'DefinitionList' })
