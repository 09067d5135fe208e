/** `/api/v1/annotations`: notes at a moment or over a span of time, which charts draw over their series. */
import { z } from 'zod'
import { TagValue, TimePoint } from './common.js'

const maxTags = 32

const content = {
  title: z.string().trim().min(1).max(255).meta({ description: 'What stands at its line.' }),
  text: z.string().max(4000).default('').meta({ description: 'What is told when somebody points at it.' }),
  severity: z.enum(['info', 'good', 'warning', 'critical']).default('info'),
  tags: z
    .record(z.string().min(1).max(256), TagValue)
    .refine((tags) => Object.keys(tags).length <= maxTags, `must be at most ${maxTags} tags`)
    .default({})
    .meta({
      description: 'What it concerns, as the tags of metrics; embed tokens see it where these meet their filters.',
    }),
}

export const AnnotationInput = z
  .strictObject({
    time: TimePoint.default('now'),
    end: TimePoint.nullish().meta({ description: 'Makes it a span. Absent or null: a moment.' }),
    ...content,
    // Answers carry these; they are taken and ignored, so that an answer can be sent back.
    id: z.unknown().optional(),
    version: z.unknown().optional(),
    created_at: z.unknown().optional(),
    updated_at: z.unknown().optional(),
  })
  .meta({ id: 'AnnotationInput' })
export type AnnotationInput = z.input<typeof AnnotationInput>
export type ResolvedAnnotationInput = z.output<typeof AnnotationInput>

export const Annotation = z
  .strictObject({
    id: z.uuid(),
    version: z.number().int().meta({ description: 'Grows with each change; its ETag.' }),
    time: z.string(),
    end: z.string().nullable(),
    ...content,
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'Annotation' })
export type Annotation = z.infer<typeof Annotation>

export const AnnotationList = z
  .strictObject({
    data: z.array(Annotation),
    truncated: z.boolean().meta({ description: 'There are earlier ones than these.' }),
  })
  .meta({ id: 'AnnotationList' })
export type AnnotationList = z.infer<typeof AnnotationList>
