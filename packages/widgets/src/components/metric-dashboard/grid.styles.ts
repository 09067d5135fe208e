/** How the grid of a board looks, the frames on it, and their handles while they are arranged. */
import { css } from 'lit'

export const gridStyles = css`
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
    /* What lies over a widget stays below what the page lies over the board. */
    isolation: isolate;
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
    /* Widgets ask how high they are; and nothing in one moves what is in another. */
    container-type: size;
    position: relative;
    scroll-margin: var(--telltale-board-top, 12px) 12px 12px;
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
  @media (hover: none), (pointer: coarse) {
    .handles,
    .corner {
      opacity: 1;
    }
    .act,
    .corner {
      inline-size: 44px;
      block-size: 44px;
    }
    .blank .action {
      min-block-size: 44px;
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
    .handles,
    .corner {
      display: none;
    }
    .item {
      break-inside: avoid;
    }
  }
`
