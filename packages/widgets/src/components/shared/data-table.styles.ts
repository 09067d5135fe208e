/** The data table's looks. */
import { css } from 'lit'

export const dataTableStyles = css`
  .data {
    flex: 1;
    overflow: auto;
    margin: 0 var(--_space) 12px;
    border-radius: 8px;
    min-block-size: 0;
  }
  .data table {
    inline-size: 100%;
    border-collapse: collapse;
    font-size: 12px;
  }
  .data th,
  .data td {
    padding: 5px 12px;
    text-align: start;
    white-space: nowrap;
    border-block-end: 1px solid var(--_line);
  }
  .data .number {
    text-align: end;
  }
  .data th {
    position: sticky;
    inset-block-start: 0;
    background: var(--_surface);
    color: var(--_muted);
    font-weight: 500;
  }
  .data-more {
    margin: 0;
    padding: 0 var(--_space) 10px;
  }
  .skeleton {
    flex: 1;
    display: flex;
    flex-direction: column;
    padding: 6px var(--_space) 18px;
  }
  .waiting {
    flex: 1;
    min-block-size: 80px;
  }
`
