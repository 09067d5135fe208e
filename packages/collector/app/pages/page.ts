/** What every page of the app is given, and the parts that pages share. */
import { html, type TemplateResult } from 'lit'
import { type Api, ApiError } from '../api.js'

export interface PageContext {
  /** Where the page draws itself. */
  root: HTMLElement
  api: Api
  /** Of a dashboard. */
  id: string
  go(path: string): void
  /** False once another page is shown: late answers must not draw over it. */
  isCurrent(): boolean
}

/** Draws a page, and gives what undoes what it began, if anything. */
export type ShowPage = (context: PageContext) => (() => void) | undefined

export function head(title: string, text: string, actions: unknown = ''): TemplateResult {
  return html`<header class="page-head">
    <div>
      <h1>${title}</h1>
      ${text ? html`<p>${text}</p>` : ''}
    </div>
    <div class="page-actions">${actions}</div>
  </header>`
}

/** Why something could not be had, with what to do. */
export function failure(error: unknown, retry: () => void): TemplateResult {
  const isForbidden = error instanceof ApiError && error.status === 403
  return html`<section class="notice" role="alert">
    <strong>${isForbidden ? 'This takes a key that may do more' : 'This can’t be shown right now'}</strong>
    <p>${error instanceof ApiError ? error.message : 'The collector does not answer.'}</p>
    ${isForbidden ? html`<p>Sign out, then sign in with a key of scope <code>admin</code>.</p>` : html`<button class="quiet" @click=${retry}>Try again</button>`}
  </section>`
}

export function loading(rows = 4): TemplateResult {
  return html`<div class="bones" role="status" aria-label="Loading">
    ${Array.from({ length: rows }, () => html`<div class="bone"></div>`)}
  </div>`
}

export function ago(iso: string | null): string {
  if (iso === null) return 'never'
  const seconds = Math.round((Date.parse(iso) - Date.now()) / 1000)
  const format = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
  const units: [Intl.RelativeTimeFormatUnit, number][] = [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
  ]
  for (const [unit, length] of units)
    if (Math.abs(seconds) >= length) return format.format(Math.round(seconds / length), unit)
  return Math.abs(seconds) < 10 ? 'now' : format.format(seconds, 'second')
}

export function bytes(count: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte']
  const power = count < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(count) / 3))
  return new Intl.NumberFormat('en', {
    style: 'unit',
    unit: units[power],
    maximumFractionDigits: power === 0 ? 0 : 1,
  }).format(count / 1000 ** power)
}

/** Copies and says so on the button for a moment. */
export async function copyFrom(button: HTMLButtonElement, text: string): Promise<void> {
  const label = button.textContent
  try {
    await navigator.clipboard.writeText(text)
    button.textContent = 'Copied'
  } catch {
    button.textContent = 'Select and copy'
  }
  setTimeout(() => {
    button.textContent = label
  }, 1500)
}
