/** The bars' own looks. */
import { css } from 'lit'

export const barStyles = css`
  :host([orientation='vertical']) {
    block-size: var(--telltale-chart-height, 300px);
    min-block-size: 180px;
  }
  .plot {
    flex: 1;
    min-block-size: 0;
    margin: 6px var(--_space) 14px;
  }
  .rows {
    display: grid;
    grid-template-columns: minmax(60px, max-content) minmax(40px, 1fr) max-content;
    align-items: center;
  }
  .row {
    display: grid;
    grid-template-columns: subgrid;
    grid-column: 1 / -1;
    align-items: center;
    gap: 12px;
    min-block-size: 30px;
    padding-inline: 6px;
    margin-inline: -6px;
    border-radius: 7px;
    cursor: pointer;
  }
  .row.active {
    background: var(--_sunken);
  }
  .label {
    max-inline-size: 34cqi;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .row b {
    font-weight: 600;
    text-align: end;
  }
  .track {
    inline-size: 100%;
    block-size: 16px;
    overflow: visible;
  }
  :host(:dir(rtl)) .track,
  :host(:dir(rtl)) .bone-bar {
    transform: scaleX(-1);
  }
  .mark {
    transition:
      width 0.35s ease,
      x 0.35s ease,
      y 0.35s ease,
      height 0.35s ease,
      opacity 0.15s;
    stroke: var(--_surface);
    stroke-width: 0.75;
  }
  .vertical {
    /* Columns are drawn from the left; their names stand under them. */
    direction: ltr;
    display: grid;
    grid-template: minmax(0, 1fr) auto / auto minmax(0, 1fr);
    gap: 6px 8px;
    padding-block-start: 16px;
  }
  .axis {
    display: flex;
    flex-direction: column;
    justify-content: space-between;
    text-align: end;
    font-size: 11px;
    color: var(--_muted);
  }
  .axis span {
    block-size: 0;
    line-height: 0;
    white-space: nowrap;
  }
  .field {
    position: relative;
    min-block-size: 0;
  }
  .drawing {
    position: absolute;
    inset: 0;
    inline-size: 100%;
    block-size: 100%;
    overflow: visible;
  }
  .grid {
    stroke: var(--_grid);
  }
  .zero {
    stroke: var(--_line);
  }
  .dim {
    opacity: 0.45;
  }
  .amount {
    fill: var(--_ink);
    font-size: 11px;
    font-weight: 600;
  }
  .columns,
  .names {
    display: flex;
  }
  .columns {
    position: absolute;
    inset: 0;
  }
  .columns .hit {
    flex: 1;
    cursor: pointer;
  }
  .names {
    grid-column: 2;
    font-size: 11px;
    color: var(--_muted);
  }
  .names span {
    flex: 1;
    min-inline-size: 0;
    padding-inline: 2px;
    display: -webkit-box;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
    overflow: hidden;
    text-align: center;
    line-height: 1.25;
  }
  .names .active {
    color: var(--_ink);
    font-weight: 600;
  }
  .more-note {
    margin: -6px var(--_space) 12px;
  }
  .bone-bar {
    inline-size: 100%;
    block-size: 16px;
    margin-block: 7px;
  }
  .bone-bar .bone {
    fill: var(--_sunken);
    background: none;
  }
  @container (inline-size < 420px) {
    .names:has(span:nth-child(6)) span {
      display: block;
      writing-mode: vertical-rl;
      rotate: 180deg;
      max-block-size: none;
      max-inline-size: 84px;
      text-align: end;
      text-overflow: ellipsis;
      white-space: nowrap;
    }
    .amount {
      display: none;
    }
    .row {
      gap: 8px;
    }
  }
  @container (inline-size >= 1400px) {
    .row {
      min-block-size: 36px;
    }
    .track {
      block-size: 20px;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .mark {
      transition: none;
    }
  }
`
