/** The route list as OpenAPI 3.1: shapes come from the same zod schemas that check requests. */
import { ErrorBody } from '@telltale/protocol/api'
import { z } from 'zod'
import { examples } from './reference/examples.js'
import type { Route } from './route.js'

type Json = Record<string, unknown>

export function openApi(routes: readonly Route[], version: string): Json {
  const components = new Components()
  const paths: Record<string, Json> = {}
  for (const route of routes) {
    if (route.hidden) continue
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] ??= {}
    paths[path][route.method.toLowerCase()] = operation(route, components)
  }
  const failure = { 'application/json': { schema: components.schema(ErrorBody, 'output') } }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Telltale collector',
      version,
      description: 'Take in metrics, events and task runs; query them. Errors are listed in docs/reference/errors.md.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [
      { name: 'ingest', description: 'Taking data in' },
      { name: 'query', description: 'Asking' },
      { name: 'manage', description: 'Dashboards, keys, tokens and settings' },
      { name: 'operate', description: 'Running the collector' },
    ],
    paths,
    components: {
      schemas: components.schemas,
      responses: { Error: { description: 'What went wrong, and what to do next.', content: failure } },
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'A key from `telltale keys create`.' },
        publishableKey: {
          type: 'apiKey',
          in: 'query',
          name: 'key',
          description: 'A publishable ingest key (`pk_…`), for browsers.',
        },
      },
    },
  }
}

function operation(route: Route, components: Components): Json {
  const { body, query, scope, response } = route
  const names = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => name)
  const parameters: Json[] = names.map((name) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  for (const [name, schema] of Object.entries(query?.shape ?? {})) {
    parameters.push({ name, in: 'query', required: false, schema: components.schema(schema as z.ZodType, 'input') })
  }
  const security = scope ? [{ key: [] }, ...(route.publishable ? [{ publishableKey: [] }] : [])] : []
  return {
    operationId: operationId(route),
    tags: [route.tag],
    summary: route.summary,
    ...(scope ? { description: `Needs a key of scope \`${scope}\` or \`admin\`.` } : {}),
    security,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body ? { requestBody: requestBody(body, components, examples[operationId(route)]) } : {}),
    responses: {
      [response.status ?? 200]:
        response.status === 204
          ? { description: response.description }
          : { description: response.description, content: answer(response, components) },
      default: { $ref: '#/components/responses/Error' },
    },
  }
}

function requestBody(body: NonNullable<Route['body']>, components: Components, example: unknown): Json {
  if (body.kind === 'json') {
    const schema = components.schema(body.schema, 'input')
    return { required: !body.optional, content: { 'application/json': { schema, example } } }
  }
  const description = `A ${body.message} as packages/protocol/proto/telemetry.proto defines it; may be gzipped.`
  return { required: true, description, content: { 'application/x-protobuf': {} } }
}

function answer(response: Route['response'], components: Components): Json {
  if (response.contentType) return { [response.contentType]: {} }
  return { 'application/json': response.schema ? { schema: components.schema(response.schema, 'output') } : {} }
}

/** `POST /api/v1/metrics/query` → `postMetricsQuery`. */
function operationId({ method, path }: Route): string {
  const words = path.replace(/^\/(api\/)?v1\//, '').split(/[^A-Za-z0-9]+/)
  const name = words
    .filter((word) => word !== '')
    .map((word) => word[0].toUpperCase() + word.slice(1))
    .join('')
  return method.toLowerCase() + name
}

/** Named schemas, each once: as requests have them where both know it, since answers fulfil those too. */
class Components {
  readonly schemas: Record<string, Json> = {}
  readonly #ofRequests = new Set<string>()

  schema(schema: z.ZodType, io: 'input' | 'output'): Json {
    const { $schema: _, $defs, ...own } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json
    for (const [name, definition] of Object.entries(($defs as Record<string, Json>) ?? {})) {
      this.#add(name, definition, io)
    }
    const id = own.id as string | undefined
    const moved = moveReferences(own) as Json
    if (id === undefined) return moved
    this.#add(id, own, io)
    return { $ref: `#/components/schemas/${id}` }
  }

  #add(name: string, definition: Json, io: 'input' | 'output'): void {
    if (io === 'input') this.#ofRequests.add(name)
    else if (this.#ofRequests.has(name)) return
    const { id: _, ...rest } = definition
    this.schemas[name] = moveReferences(rest) as Json
  }
}

/** zod keeps named schemas under `$defs`; OpenAPI keeps them under `components`. */
function moveReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(moveReferences)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, child]) => !(key === 'id' && typeof child === 'string' && '$ref' in value))
      .map(([key, child]) => [
        key,
        key === '$ref' ? (child as string).replace('#/$defs/', '#/components/schemas/') : moveReferences(child),
      ]),
  )
}
