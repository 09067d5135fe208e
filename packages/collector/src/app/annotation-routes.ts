/** Annotations: what happened when, drawn by charts over their series. */
import { Annotation, AnnotationInput, AnnotationList, type ResolvedAnnotationInput } from '@telltale/protocol/api'
import { z } from 'zod'
import { TelltaleError } from '../errors.js'
import { sendTagged, taggedJson } from './conditional.js'
import type { AnnotationContent } from './ports.js'
import type { Call, Route } from './route.js'
import { expectedVersions, requireVersion, sendVersion } from './versions.js'

const path = '/api/v1/annotations'

const listQuery = z.strictObject({
  start: z
    .string()
    .max(64)
    .default('now-24h')
    .meta({ description: 'ISO 8601, relative to now, or Unix milliseconds.' }),
  end: z.string().max(64).default('now').meta({ description: 'As `start`; those that touch the range are listed.' }),
  search: z.string().max(256).optional().meta({ description: 'Part of the title or text, in any case.' }),
  limit: z.coerce.number().int().min(1).max(5000).default(1000),
})

function none(id: string): TelltaleError {
  return new TelltaleError(
    'not_found',
    `There is no annotation ${JSON.stringify(id.slice(0, 64))}; GET ${path} lists them`,
  )
}

function find({ principal: { project, view }, params, parts }: Call): Annotation {
  const found = parts.annotations.get(project, params.id)
  if (found === undefined || (view !== undefined && !parts.annotationSeer(view)(found))) throw none(params.id)
  return found
}

/** Times as they are now; a span has to end after its start. */
function contentOf({ body, parts }: Call): AnnotationContent {
  const { time, end, title, text, severity, tags } = body as ResolvedAnnotationInput
  const content = { title, text, severity, tags }
  const startMs = parts.timePoint(time, 'time')
  if (end === undefined || end === null) return { startMs, ...content }
  const endMs = parts.timePoint(end, 'end')
  if (endMs > startMs) return { startMs, endMs, ...content }
  throw new TelltaleError('invalid_time_range', 'end: must be after time; leave it out for a moment')
}

export const annotationRoutes: Route[] = [
  {
    method: 'GET',
    path,
    tag: 'manage',
    summary: 'List annotations',
    scope: 'read',
    embed: true,
    query: listQuery,
    response: { description: 'Those that touch the range, the latest first.', schema: AnnotationList },
    handle(call) {
      const { principal, parts } = call
      const { start, end, ...search } = call.query as unknown as z.output<typeof listQuery>
      const range = { startMs: parts.timePoint(start, 'start'), endMs: parts.timePoint(end, 'end') }
      if (range.startMs >= range.endMs) throw new TelltaleError('invalid_time_range', 'start: must be before end')
      const sees = principal.view && parts.annotationSeer(principal.view)
      const found = parts.annotations.list(principal.project, { ...range, ...search }, sees)
      return sendTagged(call, taggedJson(found))
    },
  },
  {
    method: 'POST',
    path,
    tag: 'manage',
    summary: 'Note what happened',
    scope: 'edit',
    body: { kind: 'json', schema: AnnotationInput },
    response: { description: 'The annotation.', status: 201, schema: Annotation },
    handle(call) {
      const created = call.parts.annotations.create(call.principal.project, contentOf(call))
      call.reply.header('location', `${path}/${created.id}`)
      return sendVersion(call, created)
    },
  },
  {
    method: 'GET',
    path: `${path}/:id`,
    tag: 'manage',
    summary: 'One annotation',
    scope: 'read',
    embed: true,
    response: { description: 'The annotation; its ETag names its version.', schema: Annotation },
    handle: (call) => sendVersion(call, find(call)),
  },
  {
    method: 'PUT',
    path: `${path}/:id`,
    tag: 'manage',
    summary: 'Change an annotation',
    scope: 'edit',
    body: { kind: 'json', schema: AnnotationInput },
    response: { description: 'The annotation in its new version.', schema: Annotation },
    handle(call) {
      const { principal, params, parts } = call
      const expected = expectedVersions(call)
      const content = contentOf(call)
      const saved = parts.annotations.update(principal.project, params.id, content, (current) =>
        requireVersion(current, expected),
      )
      if (saved === undefined) throw none(params.id)
      return sendVersion(call, saved)
    },
  },
  {
    method: 'DELETE',
    path: `${path}/:id`,
    tag: 'manage',
    summary: 'Remove an annotation',
    scope: 'edit',
    response: { description: 'It is gone.', status: 204 },
    handle(call) {
      const { principal, params, parts } = call
      const expected = expectedVersions(call)
      const isRemoved = parts.annotations.remove(principal.project, params.id, (current) =>
        requireVersion(current, expected),
      )
      if (!isRemoved) throw none(params.id)
    },
  },
]
