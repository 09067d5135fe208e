/**
 * The SDK for one `<script>`: everything under the global `telltale`. With `data-api-key` on the tag it starts by itself, so that
 * a page under a strict policy needs no script of its own:
 *
 *     <script src="https://metrics.example.com/sdk.js" data-api-key="pk_…" data-service="shop" data-with="vitals errors"></script>
 */

import { init } from '../index.js'
import { clicks } from './clicks.js'
import { errors } from './errors.js'
import { requests } from './fetch.js'
import { vitals } from './vitals.js'

export * from '../index.js'
export { clicks, errors, requests, vitals }

const extras: Record<string, () => unknown> = { clicks, errors, fetch: requests, vitals }

const script = document.currentScript
if (script instanceof HTMLScriptElement && script.dataset.apiKey) {
  const { apiKey, service, version, environment, consent, endpoint, sampleRate, with: wanted = '' } = script.dataset
  try {
    init({
      apiKey,
      service,
      version,
      environment,
      endpoint: endpoint ?? new URL('.', script.src).href,
      consent: consent as 'pending' | undefined,
      sampleRate: sampleRate === undefined ? undefined : Number(sampleRate),
    })
    for (const name of wanted.split(/\s+/)) extras[name]?.()
  } catch (error) {
    console.warn(`telltale: ${error}`)
  }
}
