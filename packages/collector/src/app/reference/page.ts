/** `/docs`: OpenAPI as a page that needs no script, so that it reads the same in a terminal's browser and on paper. */
import { type Html, html, prose } from './html.js'
import { fieldRow, fields, type Schema, typeOf } from './schema.js'

interface Content {
  schema?: Schema
  example?: unknown
}

interface Operation {
  operationId: string
  tags: string[]
  summary: string
  description?: string
  security: Record<string, unknown>[]
  parameters?: { name: string; in: string; required: boolean; schema: Schema }[]
  requestBody?: { description?: string; content: Record<string, Content> }
  responses: Record<string, { description: string; content?: Record<string, Content> }>
}

export interface Description {
  info: { version: string; description: string }
  tags: { name: string; description: string }[]
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}

interface Entry {
  method: string
  path: string
  operation: Operation
}

export function referencePage({ info, tags, paths, components }: Description): string {
  const entries: Entry[] = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  )
  const groups = tags.map((tag) => ({
    ...tag,
    entries: entries.filter(({ operation }) => operation.tags.includes(tag.name)),
  }))
  const types = Object.entries(components.schemas).sort(([a], [b]) => (a < b ? -1 : 1))
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>HTTP reference – Telltale</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/app.css">
<link rel="stylesheet" href="/reference.css">
</head>
<body>
<a class="skip" href="#main">Skip to the reference</a>
<header class="bar"><a class="brand" href="/"><img src="/favicon.svg" alt="" width="28" height="28"><span>Telltale</span></a><span class="project">HTTP reference ${info.version}</span>
  <a class="machine" href="/openapi.json">openapi.json</a></header>
<div class="columns">
<nav class="contents" aria-label="Contents">${groups.map(contents)}
  <h2><a href="#types">Types</a></h2></nav>
<main id="main">
<h1>HTTP reference</h1>
<p class="lead">${info.description}</p>
${basics()}
${groups.map(
  (group) =>
    html`<section><h2 id="${group.name}">${group.description}</h2>${group.entries.map((entry) => card(entry, components.schemas))}</section>`,
)}
<section><h2 id="types">Types</h2>${types.map(([name, schema]) => type(name, schema))}</section>
</main>
</div>
</body>
</html>
`
  return page.text
}

function contents({ name, description, entries }: { name: string; description: string; entries: Entry[] }): Html {
  const links = entries.map(
    ({ method, path, operation }) =>
      html`<li><a href="#${operation.operationId}" title="${operation.summary}">${verb(method)}<span>${path}</span></a></li>`,
  )
  return html`<h2><a href="#${name}">${description}</a></h2><ul>${links}</ul>`
}

function basics(): Html {
  const error = { error: { code: 'unknown_metric', message: 'No metric named "nope" has been received.', details: {} } }
  return html`<section class="basics">
<p>Everything is JSON in UTF-8 with names in snake_case, unless a route says otherwise. A field that a route does not know
is refused, so that a typing error never passes for an answer.</p>
<p>Send <code>Authorization: Bearer KEY</code>. Keys come from <code>telltale keys create</code> or the settings page; a key
belongs to one project. Every failure has one shape; its <code>code</code> is stable, its message says what to do next:</p>
${sample(error)}
<p>The lines below use a key of this machine that may do everything:</p>
<pre><code>export TELLTALE=http://127.0.0.1:8000
export TELLTALE_KEY=$(npx telltale keys create --project default --scope admin --json | sed 's/.*"key":"\\([^"]*\\)".*/\\1/')</code></pre>
</section>`
}

function card({ method, path, operation }: Entry, schemas: Description['components']['schemas']): Html {
  const { operationId, summary, description, parameters = [], requestBody, responses } = operation
  const [status, success] = Object.entries(responses).find(([code]) => code !== 'default') ?? []
  const [, answer] = Object.entries(success?.content ?? {})[0] ?? []
  return html`<article id="${operationId}">
<h3><a href="#${operationId}">${summary}</a></h3>
<p class="call">${verb(method)} <code>${path}</code></p>
<div class="sides"><div>
${description && html`<p>${prose(description)}</p>`}
${
  parameters.length > 0 &&
  html`<h4>Parameters</h4><table class="fields"><thead><tr><th>Name</th><th>Value</th><th>Default</th><th>Meaning</th></tr></thead>
  <tbody>${parameters.map(({ name, schema, required }) => fieldRow(name, schema, required))}</tbody></table>`
}
${requestBody && body(requestBody, schemas)}
<h4>Answer</h4>
<p><b>${status}</b> ${success && prose(success.description)} ${answer?.schema && html`<span class="shape">${typeOf(answer.schema)}</span>`}</p>
</div><div class="try">${curl(method, path, operation)}</div></div>
</article>`
}

function body(
  { description, content }: NonNullable<Operation['requestBody']>,
  schemas: Description['components']['schemas'],
): Html {
  const [mediaType, { schema }] = Object.entries(content)[0]
  return html`<h4>Body <small>${mediaType}</small></h4>
${description && html`<p>${prose(description)}</p>`}
${schema && !schema.properties && html`<p class="shape">${typeOf(schema)}</p>`}
${schema && fields(mainShape(schema, schemas))}`
}

/** What a reference points to; of several choices the first. */
function mainShape(schema: Schema, schemas: Description['components']['schemas']): Schema {
  const first = schema.anyOf?.[0]
  if (first) return mainShape(first, schemas)
  return schema.$ref ? schemas[schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)] : schema
}

function curl(method: string, path: string, { security, requestBody }: Operation): Html {
  const [mediaType, content] = Object.entries(requestBody?.content ?? {})[0] ?? []
  const lines = [`curl -s${method === 'GET' ? '' : `X ${method}`} "$TELLTALE${path}"`]
  if (security.length > 0) lines.push('-H "Authorization: Bearer $TELLTALE_KEY"')
  if (content?.example !== undefined) {
    lines.push("-H 'Content-Type: application/json'", `-d '${JSON.stringify(content.example, null, 2)}'`)
  } else if (mediaType) {
    lines.push(`-H 'Content-Type: ${mediaType}'`, '--data-binary @batch')
  }
  return html`<pre><code>${lines.join(' \\\n  ')}</code></pre>`
}

function type(name: string, schema: Schema): Html {
  return html`<article id="type-${name}" class="type"><h3><a href="#type-${name}">${name}</a></h3>
${schema.description && html`<p>${prose(schema.description)}</p>`}
${fields(schema) ?? html`<p>${typeOf(schema)}</p>`}</article>`
}

function verb(method: string): Html {
  return html`<b class="verb ${method.toLowerCase()}">${method}</b>`
}

function sample(value: unknown): Html {
  return html`<pre><code>${JSON.stringify(value, null, 2)}</code></pre>`
}
