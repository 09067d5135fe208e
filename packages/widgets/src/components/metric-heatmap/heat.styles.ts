/** The looks of a heat map's picture, which has a pixel a cell and is scaled up without smoothing. */
import { css, unsafeCSS } from 'lit'

const scale = unsafeCSS([0, 1, 2, 3, 4].map((i) => `.heat${i}{fill:var(--_h${i})}`).join(''))

export const heatStyles = css`
  .grid {
    flex: 1;
    display: grid;
    grid-template: minmax(0, 1fr) 18px / auto minmax(0, 1fr);
    gap: 4px 8px;
    min-block-size: 0;
    padding: 6px var(--_space) 0;
    direction: ltr;
  }
  .row-labels {
    display: flex;
    flex-direction: column;
    max-inline-size: 24cqi;
    font-size: 11px;
    color: var(--_muted);
    text-align: end;
  }
  .row-labels span {
    flex: 1;
    display: flex;
    align-items: end;
    justify-content: end;
    min-block-size: 0;
    line-height: 0;
    white-space: nowrap;
  }
  .grid:has(.cross) .row-labels span {
    align-items: center;
  }
  .plot {
    position: relative;
    min-block-size: 0;
    border-radius: 4px;
    background: var(--_sunken);
    cursor: crosshair;
    touch-action: pan-y;
  }
  .plot canvas {
    position: absolute;
    inset: 0;
    inline-size: 100%;
    block-size: 100%;
    border-radius: 4px;
    image-rendering: pixelated;
  }
  .cursor {
    position: absolute;
    box-shadow:
      0 0 0 1.5px var(--_surface),
      0 0 0 3px var(--_ink);
    border-radius: 2px;
    pointer-events: none;
    z-index: 1;
  }
  .times,
  .column-labels {
    grid-column: 2;
    inline-size: 100%;
    block-size: 18px;
    overflow: visible;
    font-size: 11px;
  }
  .times text {
    fill: var(--_muted);
  }
  .column-labels {
    display: flex;
    color: var(--_muted);
  }
  .column-labels span {
    flex: 1;
    min-inline-size: 0;
    text-align: center;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .written {
    position: absolute;
    inset: 0;
    inline-size: 100%;
    block-size: 100%;
    pointer-events: none;
    font-size: 11.5px;
    font-weight: 550;
  }
  .written text {
    fill: var(--_ink);
  }
  .written .on-strong {
    fill: var(--_surface);
  }
  .scale {
    display: flex;
    direction: ltr;
    align-items: center;
    justify-content: end;
    gap: 8px;
    padding: 4px var(--_space) 12px;
    font-size: 11px;
    color: var(--_muted);
  }
  .scale svg {
    inline-size: 96px;
    block-size: 8px;
    border-radius: 4px;
    overflow: hidden;
  }
  ${scale}
  .watch {
    position: absolute;
    visibility: hidden;
    color: var(--_h0);
    background: var(--_h4);
    transition: all 1ms;
  }
`
