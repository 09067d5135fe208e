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
  if (error instanceof ApiError && error.status === 403) return needsAdmin(error.message)
  return html`<section class="notice" role="alert">
    <strong>This can’t be shown right now</strong>
    <p>${error instanceof ApiError ? error.message : 'The collector does not answer.'}</p>
    <button class="quiet" @click=${retry}>Try again</button>
  </section>`
}

export function needsAdmin(text = 'Only a key of scope admin sees and changes it.'): TemplateResult {
  return html`<section class="notice">
    <strong>This takes a key that may do more</strong>
    <p>${text}</p>
    <p>Sign out, then sign in with a key of scope <code>admin</code>.</p>
  </section>`
}

export function loading(rows = 4): TemplateResult {
  return html`<div class="bones" role="status" aria-label="Loading">
    ${Array.from({ length: rows }, () => html`<div class="bone"></div>`)}
  </div>`
}

/** How much of the whole, as a bar; in SVG, whose lengths are attributes: inline style is forbidden here. */
export function share(part: number, whole: number): TemplateResult {
  const width = whole > 0 ? Math.max(part > 0 ? 1 : 0, (part / whole) * 100) : 0
  return html`<svg class="share" aria-hidden="true"><rect width="${width.toFixed(1)}%" height="100%" rx="2"></rect></svg>`
}

/** What is asked before something that cannot be undone. */
export function confirmation(
  title: string,
  text: string,
  label: string,
  { yes, no }: { yes: () => void; no: () => void },
): TemplateResult {
  return html`<dialog class="confirm" aria-labelledby="confirm-title" @close=${no}>
    <h2 id="confirm-title">${title}</h2>
    <p>${text}</p>
    <form method="dialog">
      <button class="quiet">Keep it</button>
      <button class="danger" type="button" @click=${yes}>${label}</button>
    </form>
  </dialog>`
}

/** Dialogs that were drawn are shown; those that are gone have closed by themselves. */
export function showDialogs(root: HTMLElement): void {
  root.querySelector<HTMLDialogElement>('dialog.confirm:not([open])')?.showModal()
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

/** Code with a button that copies it. */
export function snippet(code: string): TemplateResult {
  const isLine = !code.includes('\n')
  return html`<div class=${isLine ? 'snippet line' : 'snippet'}><pre><code>${code}</code></pre><button class="quiet" @click=${(event: Event) => copyFrom(event.target as HTMLButtonElement, code)}>Copy</button></div>`
}

/** Something that is shown this once. */
export function secret(text: string, value: string): TemplateResult {
  return html`<div class="secret"><p>${text}</p>${snippet(value)}</div>`
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
