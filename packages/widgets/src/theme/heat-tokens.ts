/** The shades of heat maps, as `--telltale-heat-*` variables with defaults. */
import { css, unsafeCSS } from 'lit'

/** From the least to the most: one hue, so that it reads the same to everybody, and lightness that rises evenly. */
const heatColors: readonly { light: string; dark: string }[] = [
  { light: '#e6ebfd', dark: '#1f2a4d' },
  { light: '#b4c3f8', dark: '#2f4797' },
  { light: '#7a93ee', dark: '#4d6fe0' },
  { light: '#3f5fd9', dark: '#8fa9fb' },
  { light: '#182f8a', dark: '#e3eaff' },
]
const heat = unsafeCSS(
  heatColors
    .map(({ light, dark }, i) => `--_h${i}:var(--telltale-heat-${i + 1},light-dark(${light},${dark}));`)
    .join(''),
)

export const heatTokens = css`
  :host {
    ${heat}
  }
`
