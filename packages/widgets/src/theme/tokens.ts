/**
 * Design tokens: every colour, length and face that the tags use, as `--telltale-*` variables with defaults. Light and
 * dark follow the page's `color-scheme`, or the `theme` attribute of a tag or its provider.
 */
import { css, unsafeCSS } from 'lit'
import { seriesColors } from '../chart/palette.js'

/** Only numbers and colours of this package go in: nothing that a page or the network can write. */
const series = unsafeCSS(
  seriesColors
    .map(({ light, dark }, i) => `--_s${i}:var(--telltale-color-${i + 1},light-dark(${light},${dark}));`)
    .join(''),
)

const seriesClasses = unsafeCSS(seriesColors.map((_, i) => `.s${i}{--_c:var(--_s${i})}`).join(''))

export const tokens = css`
  :host {
    --_surface: var(--telltale-surface, light-dark(#fff, #16181d));
    --_raised: var(--telltale-surface-raised, light-dark(#fff, #22252c));
    --_sunken: var(--telltale-surface-sunken, light-dark(#f5f6f8, #1d2026));
    --_ink: var(--telltale-ink, light-dark(#14171f, #eceef2));
    --_muted: var(--telltale-ink-muted, light-dark(#5c6473, #9ba3b1));
    --_line: var(--telltale-line, light-dark(#e4e7ec, #2b2f37));
    --_grid: var(--telltale-grid, light-dark(#eef0f3, #24272e));
    --_accent: var(--telltale-accent, light-dark(#3557e0, #7b9bff));
    --_good: var(--telltale-good, light-dark(#0b7a5f, #3ecfa8));
    --_bad: var(--telltale-bad, light-dark(#c2293d, #ff8791));
    --_warn: var(--telltale-warn, light-dark(#9a5a00, #f0b05a));
    --_shadow: var(--telltale-shadow, 0 1px 2px rgb(0 0 0 / 0.06), 0 8px 28px -8px light-dark(rgb(15 20 40 / 0.24), rgb(0 0 0 / 0.7)));
    --_radius: var(--telltale-radius, 12px);
    --_space: var(--telltale-space, 16px);
    --_font: var(--telltale-font, Inter, ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif);
    --_mono: var(--telltale-font-mono, ui-monospace, 'SF Mono', Menlo, Consolas, monospace);
    ${series}
    display: block;
    container-type: inline-size;
    color: var(--_ink);
    font: 400 13px/1.45 var(--_font);
    font-variant-numeric: tabular-nums;
    text-align: start;
    -webkit-font-smoothing: antialiased;
  }
  :host([hidden]) {
    display: none;
  }
  :host([theme='light']) {
    color-scheme: light;
  }
  :host([theme='dark']) {
    color-scheme: dark;
  }
  :host([theme='auto']) {
    color-scheme: light dark;
  }
  ${seriesClasses}
`
