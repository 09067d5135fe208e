/** The icons of what every tag shows before anybody touches it: states, and the buttons in its header. */
import { svg, type TemplateResult } from 'lit'

export const icon = (paths: TemplateResult): TemplateResult =>
  svg`<svg class="icon" viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${paths}</svg>`

export const firstIcons = {
  empty: icon(svg`<path d="M2 13h12M3.5 10l3-3.5 2.5 2L12.5 4" stroke-dasharray="1.5 2.5"/>`),
  error: icon(svg`<path d="M8 5v3.5M8 11v.01M8 1.8 14.6 13.4H1.4Z"/>`),
  offline: icon(svg`<path d="M2.5 6.5a8 8 0 0 1 11 0M5 9a4.5 4.5 0 0 1 6 0M8 12v.01M2.5 2.5l11 11"/>`),
  more: icon(svg`<path d="M3.5 8v.01M8 8v.01M12.5 8v.01" stroke-width="2.2"/>`),
  reset: icon(svg`<path d="M3 7a5 5 0 1 1 .6 3.5M3 3v4h4"/>`),
} as const
