/** The few icons, drawn with strokes in the colour of the text. They are decoration: names stand beside them. */
import { svg } from 'lit'
import { firstIcons, icon } from './first-icons.js'

export const icons = {
  ...firstIcons,
  table: icon(svg`<path d="M2 3.5h12v9H2zM2 6.5h12M6.5 6.5v6"/>`),
  chart: icon(svg`<path d="M2 13h12M3 10l3-3.5 2.5 2L13 4"/>`),
  clock: icon(svg`<circle cx="8" cy="8" r="5.8"/><path d="M8 4.8V8l2.2 1.6"/>`),
  chevron: icon(svg`<path d="m6 4 4 4-4 4"/>`),
  up: icon(svg`<path d="M8 12.5v-9M4 7.5l4-4 4 4"/>`),
  down: icon(svg`<path d="M8 3.5v9M4 8.5l4 4 4-4"/>`),
  save: icon(svg`<path d="M8 2.5v8M4.8 7.5 8 10.7l3.2-3.2M2.5 13.5h11"/>`),
  search: icon(svg`<circle cx="7" cy="7" r="4.2"/><path d="m10.2 10.2 3.3 3.3"/>`),
  copy: icon(svg`<path d="M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3"/>`),
  check: icon(svg`<path d="m3 8.5 3.5 3.5L13 5"/>`),
  plus: icon(svg`<path d="M8 3v10M3 8h10"/>`),
  close: icon(svg`<path d="m4 4 8 8M12 4l-8 8"/>`),
  flat: icon(svg`<path d="M3 8h10"/>`),
} as const
