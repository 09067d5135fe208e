/** The size of a heat map, whether its picture is there or not. */
import { css } from 'lit'

export const heatSizes = css`
  :host {
    block-size: var(--telltale-chart-height, 300px);
    min-block-size: 200px;
  }
`
