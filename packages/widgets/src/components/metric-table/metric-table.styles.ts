/** The table's looks until its rows are there. */
import { css } from 'lit'

export const tableStyles = css`
  .card {
    max-block-size: 100%;
  }
  .nothing {
    margin: 0;
    padding: 24px var(--_space);
    text-align: center;
    color: var(--_muted);
  }
  .line {
    block-size: 16px;
    margin-block: 9px;
  }
  @container (inline-size < 520px) {
    .header .sub {
      display: none;
    }
  }
`
