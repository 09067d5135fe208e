/** JSON Schema as people read it: what a field is, and which values it takes. */
import { type Html, html, prose } from './html.js'

export interface Schema {
  $ref?: string
  type?: string | string[]
  description?: string
  default?: unknown
  const?: unknown
  enum?: unknown[]
  anyOf?: Schema[]
  oneOf?: Schema[]
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
  format?: string
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
}

/** The value in a few words, names of other shapes as links. */
export function typeOf(schema: Schema): Html {
  if (schema.$ref) {
    const name = schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)
    return html`<a href="#type-${name}">${name}</a>`
  }
  if (schema.const !== undefined) return html`<code>${JSON.stringify(schema.const)}</code>`
  if (schema.enum) return joined(schema.enum.map((value) => html`<code>${JSON.stringify(value)}</code>`))
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return joined(choices.map(typeOf))
  if (schema.type === 'array') return html`list of ${typeOf(schema.items ?? {})}`
  const entries = schema.additionalProperties
  if (schema.type === 'object' && !schema.properties && typeof entries === 'object')
    return html`map of ${typeOf(entries)}`
  if (Array.isArray(schema.type)) return joined(schema.type.map((type) => html`${type}`))
  return html`${schema.format ?? schema.type ?? 'any value'}`
}

/** A table of the fields of an object, those of objects within it under their path; nothing where it has none. */
export function fields(schema: Schema): Html | undefined {
  const rows = fieldRows(schema, '')
  if (rows.length === 0) return undefined
  return html`<table class="fields"><thead><tr><th>Field</th><th>Value</th><th>Default</th><th>Meaning</th></tr></thead>
    <tbody>${rows}</tbody></table>`
}

function fieldRows({ properties = {}, required = [] }: Schema, path: string): Html[] {
  return Object.entries(properties)
    .filter(([, schema]) => Object.keys(schema).length > 0)
    .flatMap(([name, schema]) => [
      fieldRow(path + name, schema, required.includes(name)),
      ...fieldRows(schema, `${path}${name}.`),
      ...(schema.items?.properties ? fieldRows(schema.items, `${path}${name}[].`) : []),
    ])
}

export function fieldRow(name: string, schema: Schema, required: boolean): Html {
  const given = schema.default
  const initial = given !== undefined && html`<code>${JSON.stringify(given)}</code>`
  return html`<tr><th scope="row"><code>${name}</code></th><td>${typeOf(schema)}${limits(schema)}</td>
    <td>${required && given === undefined ? html`<em>required</em>` : initial}</td><td>${prose(schema.description ?? '')}</td></tr>`
}

function limits(schema: Schema): Html | false {
  const { minimum: from = schema.minLength ?? schema.minItems, maximum: to = schema.maxLength ?? schema.maxItems } =
    schema
  // A bound of zero, or one that the number format sets by itself, tells nobody anything.
  const low = from !== undefined && from > 0
  const high = to !== undefined && to < Number.MAX_SAFE_INTEGER
  if (!low && !high) return false
  const of = schema.type === 'string' ? ' characters' : schema.type === 'array' ? ' entries' : ''
  if (low && high) return html` <small>${from} to ${to}${of}</small>`
  return html` <small>${low ? `at least ${from}` : `at most ${to}`}${of}</small>`
}

function joined(choices: Html[]): Html {
  return html`${choices.map((choice, i) => (i === 0 ? choice : html` or ${choice}`))}`
}
