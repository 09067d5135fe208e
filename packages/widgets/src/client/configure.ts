/** The page's own settings, for tags that stand under no `<metric-provider>`. */
import { canonicalLocale, choosePageLocale } from '../i18n/locale.js'
import type { GetToken } from './credential.js'
import { ClientError } from './errors.js'

export interface TelltaleOptions {
  /** Base URL of the collector. Default: the origin that this script was served from. */
  endpoint?: string | undefined
  /** A read key or an embed token. */
  token?: string | undefined
  /** Asked for the first token, and for a new one whenever the collector refuses the last. */
  getToken?: GetToken | undefined
  /** Language of texts, numbers and times, such as `de` or `ja-JP`. Default: the page's `lang`. A nearer `lang` goes before it. */
  locale?: string | undefined
}

let current: TelltaleOptions = {}
const listeners = new Set<() => void>()

/** Sets where tags without a `<metric-provider>` get their data; those on the page follow at once. */
export function configure(options: TelltaleOptions): void {
  if (options.endpoint !== undefined) resolveEndpoint(options.endpoint)
  if (options.getToken !== undefined && typeof options.getToken !== 'function') {
    throw new ClientError('invalid_option', 'getToken must be a function that gives a token or a promise of one.')
  }
  if (options.locale !== undefined && !canonicalLocale(options.locale)) {
    throw new ClientError('invalid_option', `locale "${options.locale}" is not a language such as en, de or ja-JP.`)
  }
  choosePageLocale(options.locale)
  current = { ...options }
  for (const listener of [...listeners]) listener()
}

export function pageOptions(): TelltaleOptions {
  return current
}

export function onConfigure(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** An absolute http(s) URL without a slash at its end; the script's own origin where none is given. */
export function resolveEndpoint(endpoint?: string): string {
  const base = scriptOrigin()
  if (!endpoint) return base
  let url: URL
  try {
    url = new URL(endpoint, base || undefined)
  } catch {
    throw new ClientError('invalid_option', `endpoint "${endpoint}" is not a URL such as https://metrics.example.com.`)
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new ClientError('invalid_option', `endpoint "${endpoint}" must start with http:// or https://.`)
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
}

function scriptOrigin(): string {
  const { origin } = new URL(import.meta.url)
  return origin.startsWith('http') ? origin : ''
}
