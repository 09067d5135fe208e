/** The task table's looks until its rows are there. */
import { css } from 'lit'

export const taskStyles = css`
  .row {
    block-size: 16px;
    margin: 11px var(--_space);
  }
  .state {
    min-block-size: 180px;
  }
`
