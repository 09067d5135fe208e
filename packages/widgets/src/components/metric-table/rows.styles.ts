/** The looks of a table's rows. Every one is of the same height: that is what makes 100,000 of them cheap. */
import { css } from 'lit'

export const rowsStyles = css`
  .scroll {
    flex: 0 1 auto;
    min-block-size: 102px;
    max-block-size: var(--telltale-table-height, 420px);
    overflow: auto;
    overflow-anchor: none;
    border-block-start: 1px solid var(--_line);
  }
  .scroll:focus-visible {
    outline-offset: -2px;
  }
  table {
    inline-size: 100%;
    border-collapse: separate;
    border-spacing: 0;
  }
  th,
  td {
    block-size: 34px;
    padding: 0 12px;
    text-align: start;
    white-space: nowrap;
    border-block-end: 1px solid var(--_grid);
  }
  .spacer td {
    block-size: auto;
    padding: 0;
    border: 0;
  }
  th {
    position: sticky;
    inset-block-start: 0;
    z-index: 1;
    background: var(--_surface);
    border-color: var(--_line);
    font-size: 12px;
    font-weight: 500;
    color: var(--_muted);
  }
  th:first-child,
  td:first-child {
    padding-inline-start: var(--_space);
  }
  th:last-child,
  td:last-child {
    padding-inline-end: var(--_space);
  }
  th button {
    display: inline-flex;
    align-items: center;
    gap: 3px;
    min-block-size: 24px;
  }
  th.number button {
    flex-direction: row-reverse;
  }
  th .icon {
    inline-size: 12px;
    block-size: 12px;
    visibility: hidden;
  }
  th[aria-sort] {
    color: var(--_ink);
  }
  th[aria-sort] .icon,
  th button:hover .icon,
  th button:focus-visible .icon {
    visibility: visible;
  }
  .number,
  th.trend {
    text-align: end;
  }
  td.text {
    max-inline-size: 40cqi;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  tbody tr {
    cursor: pointer;
  }
  tbody tr:hover td {
    background: var(--_sunken);
  }
  .name {
    max-inline-size: 100%;
    overflow: hidden;
    text-overflow: ellipsis;
    text-align: start;
    font-weight: 500;
    line-height: 24px;
    vertical-align: middle;
  }
  .length {
    display: inline-flex;
    align-items: center;
    justify-content: end;
    gap: 10px;
    inline-size: 100%;
    vertical-align: middle;
  }
  .length span {
    min-inline-size: 6ch;
  }
  .length .bar {
    flex: 1;
    min-inline-size: 24px;
    max-inline-size: 90px;
    block-size: 6px;
    border-radius: 3px;
    background: var(--_sunken);
    overflow: hidden;
  }
  .length .mark {
    fill: var(--_accent);
  }
  :host(:dir(rtl)) .length .bar {
    transform: scaleX(-1);
  }
  td.trend {
    inline-size: 1%;
    text-align: end;
  }
  .spark {
    display: inline-block;
    inline-size: 90px;
    block-size: 20px;
    vertical-align: middle;
    overflow: visible;
  }
  .spark path {
    fill: none;
    stroke: var(--_accent);
    stroke-width: 1.4;
    stroke-linejoin: round;
    stroke-linecap: round;
  }
  .search {
    display: flex;
    align-items: center;
    gap: 6px;
    inline-size: min(220px, 34cqi);
    min-block-size: 30px;
    margin-block: -1px;
    padding-inline: 9px;
    color: var(--_muted);
    background: var(--_sunken);
    border: 1px solid transparent;
    border-radius: 8px;
  }
  .search:focus-within {
    border-color: var(--_accent);
    background: var(--_surface);
  }
  .search .icon {
    inline-size: 14px;
    block-size: 14px;
  }
  .search input {
    flex: 1;
    min-inline-size: 0;
    padding: 0;
    font: inherit;
    color: var(--_ink);
    background: none;
    border: 0;
    outline: 0;
    appearance: none;
  }
  .search input::placeholder {
    color: var(--_muted);
    opacity: 1;
  }
  .search input::-webkit-search-cancel-button {
    appearance: none;
  }
  .footer {
    margin: 0;
    padding: 8px var(--_space) 10px;
    font-size: 12px;
    color: var(--_muted);
    border-block-start: 1px solid var(--_line);
    margin-block-start: -1px;
  }
  @container (inline-size < 520px) {
    th,
    td {
      padding-inline: 8px;
    }
    .length {
      display: inline;
    }
    .length .bar {
      display: none;
    }
    td.trend .spark {
      inline-size: 44px;
    }
  }
  @media (pointer: coarse) {
    .search {
      min-block-size: 40px;
    }
    .search input {
      font-size: 16px;
    }
  }
`
