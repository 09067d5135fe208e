/** Routes for those who run the collector: health, readiness, its own metrics, its description, and the page's session. */
import { z } from 'zod'
import { TelltaleError } from '../errors.js'
import { openApi } from './openapi.js'
import { type Description, referencePage } from './reference/page.js'
import type { Route } from './route.js'
import { viewerSession } from './viewer.js'

const Health = z.strictObject({ status: z.literal('ok'), version: z.string() }).meta({ id: 'Health' })

/** `all` is read when OpenAPI is asked for, so that these routes describe themselves too. */
export function operateRoutes(all: () => readonly Route[]): Route[] {
  let description: string | undefined
  let page: string | undefined
  return [
    {
      method: 'GET',
      path: '/healthz',
      tag: 'operate',
      summary: 'Is the process alive?',
      response: { description: 'It is.', schema: Health },
      handle: ({ parts }) => ({ status: 'ok', version: parts.version }),
    },
    {
      method: 'GET',
      path: '/readyz',
      tag: 'operate',
      summary: 'Does it take requests?',
      response: { description: 'It does.', schema: z.strictObject({ status: z.literal('ready') }) },
      handle: ({ parts }) => {
        const readiness = parts.readiness()
        if (readiness === 'ready') return { status: 'ready' }
        if (readiness === 'stopping') {
          throw new TelltaleError(
            'shutting_down',
            'The collector is stopping; ask another one, or wait for its restart',
          )
        }
        throw readiness === 'failed'
          ? new TelltaleError('storage_unavailable', 'Storage has failed; the log tells why. Restart the collector')
          : new TelltaleError('not_ready', 'The collector is starting; ask again in a moment', { retryAfterSeconds: 1 })
      },
    },
    {
      method: 'GET',
      path: '/metrics',
      tag: 'operate',
      summary: "The collector's own metrics",
      response: { description: 'Prometheus text.', contentType: 'text/plain; version=0.0.4; charset=utf-8' },
      handle: async ({ parts, reply }) => {
        reply.type('text/plain; version=0.0.4; charset=utf-8')
        return parts.measures.metricsText()
      },
    },
    {
      method: 'GET',
      path: '/openapi.json',
      tag: 'operate',
      summary: 'This description',
      response: { description: 'OpenAPI 3.1.', schema: z.looseObject({ openapi: z.string() }) },
      handle: ({ parts, reply }) => {
        description ??= JSON.stringify(openApi(all(), parts.version))
        reply.type('application/json; charset=utf-8')
        return description
      },
    },
    {
      method: 'GET',
      path: '/docs',
      tag: 'operate',
      summary: 'This description, for people',
      response: { description: 'A page.', contentType: 'text/html; charset=utf-8' },
      handle: ({ parts, reply }) => {
        page ??= referencePage(openApi(all(), parts.version) as unknown as Description)
        reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache')
        return page
      },
    },
    {
      method: 'GET',
      path: '/app/session',
      tag: 'operate',
      summary: 'A read token for the page on this machine',
      hidden: true,
      response: { description: 'A token that lives as long as the process.' },
      handle: ({ parts, request, reply }) => {
        reply.header('cache-control', 'no-store')
        return viewerSession(request, parts.viewer)
      },
    },
  ]
}
