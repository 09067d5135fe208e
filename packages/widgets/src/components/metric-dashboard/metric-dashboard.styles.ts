/** How a board looks: the grid, the handles of its items while it is edited, and the editor beside it. */
import { css } from 'lit'

export const dashboardStyles = css`
  :host {
    --_row: var(--telltale-board-row, 52px);
    --_gap: var(--telltale-board-gap, 14px);
  }
  :host(:fullscreen) {
    overflow: auto;
    padding: 20px;
    background: light-dark(#f3f4f7, #0c0e12);
  }
  .alone {
    min-block-size: 220px;
  }
  .toolbar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 10px 14px;
    min-block-size: 40px;
    margin-block-end: 14px;
  }
  h2,
  input.name {
    margin: 0;
    min-inline-size: 0;
    font: 650 19px/1.3 var(--_font);
    letter-spacing: -0.016em;
    color: var(--_ink);
    overflow-wrap: anywhere;
  }
  input.name {
    flex: 1 1 180px;
    max-inline-size: 420px;
    padding: 5px 9px;
    margin-inline-start: -10px;
    background: var(--_surface);
    border: 1px solid var(--_line);
    border-radius: 9px;
  }
  .controls {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;
    margin-inline-start: auto;
  }
  .toolbar .tools {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;
    margin-inline-start: 0;
  }
  .editing > .toolbar .tools {
    margin-inline-start: auto;
  }
  .toolbar .action {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    min-block-size: 34px;
    padding: 4px 13px;
    border-radius: 9px;
    white-space: nowrap;
  }
  .toolbar .primary {
    color: light-dark(#fff, #0d1120);
    background: var(--_accent);
    border-color: transparent;
  }
  .toolbar .primary:hover {
    background: color-mix(in srgb, var(--_accent) 88%, var(--_ink));
  }
  .toolbar .tool:disabled {
    opacity: 0.35;
    cursor: default;
  }
  .flip .icon {
    transform: scaleX(-1);
  }
  .saved {
    color: var(--_muted);
    font-size: 12px;
    white-space: nowrap;
  }
  .saved.failed,
  .saved.conflict {
    color: var(--_bad);
    font-weight: 550;
  }
  div.conflict {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 10px;
    padding: 9px 14px;
    margin-block-end: 14px;
    color: var(--_warn);
    background: color-mix(in srgb, var(--_warn) 9%, var(--_surface));
    border: 1px solid color-mix(in srgb, var(--_warn) 35%, transparent);
    border-radius: var(--_radius);
  }
  div.conflict span {
    margin-inline-end: auto;
    font-weight: 550;
  }
  div.conflict .action {
    color: var(--_ink);
  }
  .stage {
    display: flex;
    align-items: flex-start;
    gap: 18px;
  }
  .grid {
    flex: 1;
    display: grid;
    grid-auto-rows: var(--_row);
    gap: var(--_gap);
    min-inline-size: 0;
    position: relative;
  }
  .c12 {
    grid-template-columns: repeat(12, minmax(0, 1fr));
  }
  .c6 {
    grid-template-columns: repeat(6, minmax(0, 1fr));
  }
  .c1 {
    grid-template-columns: minmax(0, 1fr);
  }
  .editing .grid {
    min-block-size: 320px;
    /* Dots at the corners of cells: they show where things snap to. */
    background-image: radial-gradient(circle, var(--_line) 1px, transparent 1.2px);
    background-size: calc((100% + var(--_gap)) / var(--_dots, 12)) calc(var(--_row) + var(--_gap));
    background-position: calc(var(--_gap) / -2) calc(var(--_gap) / -2);
  }
  .editing .c6 {
    --_dots: 6;
  }
  .editing .c1 {
    --_dots: 1;
  }
  .item {
    position: relative;
    scroll-margin: 12px;
    display: grid;
    min-inline-size: 0;
    min-block-size: 0;
    border-radius: var(--_radius);
  }
  .item > [part='widget'],
  .item > .card {
    --telltale-chart-height: 100%;
    min-inline-size: 0;
    min-block-size: 0;
    block-size: 100%;
    overflow: hidden;
  }
  .editing .item > [part='widget'] {
    pointer-events: none;
  }
  .editing .item::after {
    content: '';
    position: absolute;
    inset: 0;
    border-radius: inherit;
    pointer-events: none;
    outline: 1px solid transparent;
    transition: outline-color 0.12s;
  }
  .editing .item:hover::after,
  .editing .item:focus-within::after {
    outline-color: color-mix(in srgb, var(--_accent) 50%, transparent);
  }
  .editing .item.chosen::after,
  .editing .item.lifted::after,
  .editing .item.held::after {
    outline: 2px solid var(--_accent);
  }
  .item.held,
  .item.lifted {
    z-index: 3;
  }
  .item.held {
    cursor: grabbing;
    box-shadow: 0 18px 46px -12px light-dark(rgb(15 20 40 / 0.35), rgb(0 0 0 / 0.85));
    opacity: 0.94;
  }
  .handles {
    position: absolute;
    inset: 0 0 auto;
    z-index: 2;
    opacity: 0;
    transition: opacity 0.12s;
  }
  .item:hover .handles,
  .item:focus-within .handles,
  .item.chosen .handles,
  .item.held .handles {
    opacity: 1;
  }
  /* The whole head of the widget, so that nobody has to aim; the dots say so. */
  .grip {
    display: flex;
    justify-content: center;
    inline-size: 100%;
    block-size: 46px;
    color: var(--_muted);
    cursor: grab;
    touch-action: none;
    border-radius: var(--_radius) var(--_radius) 0 0;
  }
  .grip .icon {
    rotate: 90deg;
    margin-block-start: 1px;
  }
  .grip:focus-visible {
    outline-offset: -3px;
  }
  .grip:active {
    cursor: grabbing;
  }
  .acts {
    position: absolute;
    inset-block-start: 7px;
    inset-inline-end: 7px;
    display: flex;
    gap: 1px;
    padding: 2px;
    background: var(--_raised);
    border: 1px solid var(--_line);
    border-radius: 9px;
    box-shadow: 0 2px 8px -3px rgb(0 0 0 / 0.25);
  }
  .act {
    display: grid;
    place-items: center;
    inline-size: 28px;
    block-size: 28px;
    color: var(--_muted);
  }
  .act:hover {
    color: var(--_ink);
    background: var(--_sunken);
  }
  .corner {
    position: absolute;
    inset-block-end: 0;
    inset-inline-end: 0;
    z-index: 2;
    inline-size: 22px;
    block-size: 22px;
    border-radius: 0;
    cursor: nwse-resize;
    touch-action: none;
    opacity: 0;
    transition: opacity 0.12s;
  }
  .corner:dir(rtl) {
    cursor: nesw-resize;
  }
  .corner::after {
    content: '';
    position: absolute;
    inset-block-end: 6px;
    inset-inline-end: 6px;
    inline-size: 8px;
    block-size: 8px;
    border-block-end: 2px solid var(--_muted);
    border-inline-end: 2px solid var(--_muted);
    border-end-end-radius: 4px;
  }
  .item:hover .corner,
  .item:focus-within .corner,
  .item.chosen .corner,
  .item.held .corner {
    opacity: 1;
  }
  .blank {
    grid-column: 1 / -1;
    grid-row: span 5;
    display: flex;
    flex-direction: column;
    align-items: center;
    justify-content: center;
    gap: 6px;
    padding: 28px;
    text-align: center;
    color: var(--_muted);
    background: var(--_surface);
    border: 1.5px dashed var(--_line);
    border-radius: var(--_radius);
  }
  .blank strong {
    color: var(--_ink);
    font-size: 15px;
  }
  .blank p {
    margin: 0 0 8px;
  }
  .blank .action {
    color: light-dark(#fff, #0d1120);
    background: var(--_accent);
    border-color: transparent;
    border-radius: 9px;
    padding: 8px 16px;
  }
  .bone.name {
    inline-size: 220px;
    block-size: 24px;
  }
  .bones > .bone {
    grid-column: span 4;
    grid-row: span 4;
    border-radius: var(--_radius);
  }
  .bones > .bone:nth-child(4) {
    grid-column: span 8;
  }
  .panel {
    position: sticky;
    inset-block-start: 12px;
    flex: 0 0 312px;
    max-block-size: calc(100vh - 24px);
    overflow: auto;
    overscroll-behavior: contain;
    background: var(--_raised);
    border: 1px solid var(--_line);
    border-radius: var(--_radius);
    box-shadow: var(--_shadow);
  }
  @container (inline-size < 960px) {
    .panel {
      position: fixed;
      z-index: 20;
      inset: auto 0 0;
      inline-size: auto;
      max-block-size: min(58vh, 480px);
      border-radius: 16px 16px 0 0;
      border-inline: 0;
      border-block-end: 0;
    }
  }
  @container (inline-size < 560px) {
    .toolbar {
      gap: 10px 6px;
    }
    h2 {
      flex: 1 1 auto;
    }
    .controls {
      order: 3;
      flex-basis: 100%;
      margin-inline-start: 0;
    }
    .controls:empty {
      display: none;
    }
    input.name {
      flex-basis: 100%;
      margin-inline-start: 0;
      max-inline-size: none;
    }
    .toolbar .tools {
      flex-wrap: nowrap;
      gap: 4px;
    }
    .editing > .toolbar .tools {
      flex: 1;
    }
    .editing > .toolbar .saved {
      margin-inline-end: auto;
    }
    .toolbar .add span {
      display: none;
    }
    .bones > .bone,
    .bones > .bone:nth-child(4) {
      grid-column: 1 / -1;
    }
  }
  @media (hover: none), (pointer: coarse) {
    .handles,
    .corner {
      opacity: 1;
    }
    .act {
      inline-size: 40px;
      block-size: 40px;
    }
    .corner {
      inline-size: 44px;
      block-size: 44px;
    }
    .toolbar .action {
      min-block-size: 42px;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .handles,
    .corner,
    .editing .item::after {
      transition: none;
    }
  }
  @media (forced-colors: active) {
    .editing .item.chosen::after,
    .editing .item.lifted::after,
    .editing .item:focus-within::after {
      outline-color: Highlight;
    }
    .grip,
    .act {
      color: ButtonText;
    }
  }
  @media print {
    .toolbar .tools,
    .controls,
    .handles,
    .corner,
    .panel {
      display: none;
    }
    .item {
      break-inside: avoid;
    }
  }
`
