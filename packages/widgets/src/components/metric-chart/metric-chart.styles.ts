/** The chart's own looks: plot, cursor, legend, tooltip. */
import { css } from 'lit'

export const chartStyles = css`
  :host {
    block-size: var(--telltale-chart-height, 300px);
    min-block-size: 160px;
  }
  .body {
    flex: 1;
    position: relative;
    display: flex;
    min-block-size: 96px;
    padding: 0 var(--_space) 0 calc(var(--_space) - 6px);
  }
  .plot {
    direction: ltr;
    position: absolute;
    inset: 0 var(--_space) 4px calc(var(--_space) - 6px);
    border-radius: 8px;
    transition: opacity 0.3s;
  }
  .plot.off {
    visibility: hidden;
  }
  .plot.old {
    opacity: 0.55;
  }
  .watch {
    position: absolute;
    visibility: hidden;
    color: var(--_s0);
    background: var(--_surface);
    border-color: var(--_muted);
    transition: all 1ms;
  }
  .plot canvas {
    position: absolute;
    inset: 0;
    inline-size: 100%;
    block-size: 100%;
  }
  .area {
    position: absolute;
    cursor: crosshair;
    touch-action: pan-y;
    user-select: none;
  }
  .area i {
    position: absolute;
    inset: 0 auto auto 0;
    pointer-events: none;
  }
  .area i[hidden] {
    display: none;
  }
  .cross {
    block-size: 100%;
    border-inline-start: 1px solid color-mix(in srgb, var(--_muted) 60%, transparent);
  }
  .span {
    background: color-mix(in srgb, var(--_accent) 14%, transparent);
    border-inline: 1px solid var(--_accent);
  }
  .pt.ghost {
    opacity: 0.6;
  }
  .pt {
    inline-size: 9px;
    block-size: 9px;
    margin: -4.5px;
    border: 2px solid var(--_c);
    border-radius: 50%;
    background: var(--_surface);
  }
  .legend {
    flex: none;
    max-block-size: min(30%, 140px);
    overflow-y: auto;
    padding: 2px calc(var(--_space) - 6px) 10px;
    font-size: 12px;
    scrollbar-width: thin;
  }
  .legend ul {
    display: flex;
    flex-wrap: wrap;
    gap: 2px;
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .legend li {
    min-inline-size: 0;
  }
  .legend .none {
    padding: 2px 7px;
    color: var(--_muted);
    font-size: 12px;
  }
  .find {
    position: sticky;
    inset-block-start: 0;
    inline-size: min(220px, 100%);
    margin: 0 0 4px 4px;
    padding: 4px 9px;
    font: inherit;
    font-size: 12px;
    color: var(--_ink);
    background: var(--_sunken);
    border: 1px solid transparent;
    border-radius: 7px;
  }
  .find::placeholder {
    color: var(--_muted);
    opacity: 1;
  }
  .key {
    display: flex;
    align-items: center;
    gap: 6px;
    padding: 2px 7px;
    font-size: inherit;
    color: var(--_muted);
    text-align: start;
    max-inline-size: 100%;
  }
  .key span {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .key:hover {
    background: var(--_sunken);
  }
  .key b {
    font-weight: 550;
    color: var(--_ink);
  }
  .key[aria-pressed='false'] {
    text-decoration: line-through;
  }
  .key[aria-pressed='false'] b {
    visibility: hidden;
  }
  .key[aria-pressed='false'] .dot {
    background: none;
    box-shadow: inset 0 0 0 1.5px var(--_c);
  }
  .dot {
    flex: none;
    inline-size: 8px;
    block-size: 8px;
    border-radius: 3px;
    background: var(--_c);
  }
  .dot.dashed {
    background: repeating-linear-gradient(90deg, var(--_c) 0 2px, transparent 2px 3px);
  }
  .dash {
    inline-size: 14px;
    border-block-start: 2px dashed var(--_muted);
  }
  .tip {
    direction: inherit;
    position: fixed;
    inset: 0 auto auto 0;
    margin: 0;
    padding: 8px 10px;
    max-inline-size: min(320px, calc(100vw - 16px));
    color: var(--_ink);
    background: var(--_raised);
    border: 1px solid var(--_line);
    border-radius: 9px;
    box-shadow: 0 6px 24px -6px rgb(0 0 0 / 0.22);
    font-size: 12px;
    pointer-events: none;
  }
  .tip time {
    display: block;
    margin-block-end: 4px;
    color: var(--_muted);
  }
  .tip div {
    display: flex;
    align-items: center;
    gap: 7px;
    line-height: 1.6;
  }
  .tip span {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .tip b {
    margin-inline-start: auto;
    padding-inline-start: 14px;
    font-weight: 600;
    white-space: nowrap;
  }
  .tip small {
    color: var(--_muted);
    font-size: 11px;
    white-space: nowrap;
  }
  .tip .note {
    margin: 6px 0 0;
    padding-inline-start: 8px;
    border-inline-start: 3px solid var(--_accent);
    font-weight: 550;
  }
  .tip .note.good {
    border-color: var(--_good);
  }
  .tip .note.warning {
    border-color: var(--_warn);
  }
  .tip .note.critical {
    border-color: var(--_bad);
  }
  .tip .note small {
    display: block;
    font-weight: 400;
    white-space: normal;
  }
  .key b,
  .tip b,
  .tip time,
  .tip div small {
    direction: ltr;
    unicode-bidi: isolate;
  }
  .waiting {
    flex: 1;
    margin: 8px 6px 16px;
    border-radius: 8px;
  }
  @container (inline-size < 480px) {
    .legend {
      flex: none;
      max-block-size: 90px;
    }
  }
  @container (inline-size >= 1600px) {
    .legend,
    .tip {
      font-size: 14px;
    }
  }
  @media (pointer: coarse) {
    .key {
      min-block-size: 36px;
      padding-inline: 10px;
    }
  }
  @media (forced-colors: active) {
    :host {
      --_surface: Canvas;
      --_raised: Canvas;
      --_sunken: Canvas;
      --_ink: CanvasText;
      --_muted: CanvasText;
      --_line: CanvasText;
      --_grid: color-mix(in srgb, CanvasText 25%, Canvas);
      --_accent: Highlight;
    }
    .plot,
    .dot {
      forced-color-adjust: none;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .plot {
      transition: none;
    }
  }
`
