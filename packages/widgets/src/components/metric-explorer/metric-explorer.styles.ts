/** The explorer's looks until its desk is there. */
import { css } from 'lit'

export const explorerStyles = css`
  :host {
    min-block-size: 420px;
  }
  .waiting {
    padding: var(--_space);
  }
  .line {
    block-size: 18px;
    margin-block: 14px;
  }
`
