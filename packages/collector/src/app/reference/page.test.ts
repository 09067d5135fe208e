import { expect, test } from 'vitest'
import { openApi } from '../openapi.js'
import { routes } from '../server.js'
import { examples } from './examples.js'
import { html, prose } from './html.js'
import { type Description, referencePage } from './page.js'

const description = openApi(routes, '0.0.0') as unknown as Description
const operations = Object.values(description.paths).flatMap((methods) => Object.values(methods))

test('text never becomes markup', () => {
  const name = `<script>"'&`
  expect(html`<p title="${name}">${[name, html`<b>${1}</b>`]}${false}${undefined}</p>`.text).toBe(
    '<p title="&lt;script&gt;&quot;&#39;&amp;">&lt;script&gt;&quot;&#39;&amp;<b>1</b></p>',
  )
  expect(prose('a `<b>` c').text).toBe('a <code>&lt;b&gt;</code> c')
})

test('every route stands on the page, and every link has its target', () => {
  const page = referencePage(description)
  for (const { operationId } of operations) expect(page).toContain(`<article id="${operationId}">`)
  const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))
  const targets = [...page.matchAll(/ href="#([^"]+)"/g)].map(([, target]) => target)
  expect(targets.filter((target) => !ids.has(target))).toEqual([])
})

test('every JSON body has an example that its route takes', () => {
  const takesJson = routes.filter(({ body, hidden }) => body?.kind === 'json' && !hidden)
  expect(takesJson.length).toBeGreaterThan(10)
  const unfit = takesJson.filter(({ body, method, path }) => {
    const operation = description.paths[path.replace(/:(\w+)/g, '{$1}')][method.toLowerCase()]
    return body?.kind === 'json' && !body.schema.safeParse(examples[operation.operationId]).success
  })
  expect(unfit.map(({ method, path }) => `${method} ${path}`)).toEqual([])
  const ids = operations.map(({ operationId }) => operationId)
  expect(Object.keys(examples).filter((id) => !ids.includes(id))).toEqual([])
})
