/** How a board looks around its grid: title and tools, notices, the panel beside it. */
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
  div.conflict,
  div.past {
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
  div.conflict span,
  div.past span {
    margin-inline-end: auto;
    font-weight: 550;
  }
  div.conflict .action {
    color: var(--_ink);
  }
  .pager {
    position: fixed;
    inset-block-end: 10px;
    inset-inline-end: 14px;
    z-index: 4;
    display: flex;
    align-items: center;
    gap: 6px;
    padding: 5px 11px;
    color: var(--_muted);
    font-size: 12px;
    font-weight: 550;
    background: color-mix(in srgb, var(--_raised) 88%, transparent);
    border: 1px solid var(--_line);
    border-radius: 99px;
    pointer-events: none;
  }
  .pager i {
    inline-size: 6px;
    block-size: 6px;
    border-radius: 50%;
    background: var(--_line);
  }
  .pager .on {
    background: var(--_accent);
  }
  .bone.name {
    inline-size: 220px;
    block-size: 24px;
  }
  /* As high as the screen: what stands below a board does not come into view only to leave it. */
  .bones {
    min-block-size: 100vh;
    align-content: start;
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
    inset-block-start: var(--telltale-board-top, 12px);
    flex: 0 0 312px;
    max-block-size: calc(100vh - var(--telltale-board-top, 12px) - 12px);
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
      flex-wrap: nowrap;
      min-inline-size: 0;
      /* One line, which a thumb moves along; the padding is for the ring of the focus. */
      margin: -3px;
      padding: 3px;
      overflow-x: auto;
      scrollbar-width: none;
    }
    .controls > * {
      flex: none;
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
    .toolbar .action,
    .panel .action,
    div.conflict .action {
      min-block-size: 44px;
    }
    .toolbar .tool,
    .panel .tool {
      min-inline-size: 44px;
      min-block-size: 44px;
    }
  }
  @media print {
    .toolbar .tools,
    .controls,
    .panel {
      display: none;
    }
  }
`
