/** The ring's own looks: beside its legend where there is room, above it where there is not. */
import { css } from 'lit'

export const pieStyles = css`
  .body {
    flex: 1;
    display: flex;
    align-items: center;
    gap: 20px;
    min-block-size: 0;
    padding: 4px var(--_space) 16px;
  }
  .ring {
    position: relative;
    flex: none;
    inline-size: clamp(128px, 38cqi, 220px);
    aspect-ratio: 1;
    border-radius: 50%;
  }
  .focusable:focus-visible {
    border-radius: 50%;
  }
  .ring svg {
    display: block;
    inline-size: 100%;
    block-size: 100%;
  }
  .mark {
    cursor: pointer;
    stroke: var(--_surface);
    stroke-width: 1.2;
    stroke-linejoin: round;
    transition: opacity 0.15s;
  }
  .dim {
    opacity: 0.4;
  }
  .middle {
    position: absolute;
    inset: 18%;
    display: flex;
    flex-direction: column;
    align-items: center;
    justify-content: center;
    text-align: center;
    pointer-events: none;
  }
  .middle b {
    font-size: clamp(18px, 6cqi, 28px);
    line-height: 1.15;
    font-weight: 620;
    letter-spacing: -0.02em;
  }
  .middle small {
    margin-inline-start: 2px;
    font-size: 0.58em;
    font-weight: 500;
    letter-spacing: 0;
    color: var(--_muted);
  }
  .middle span {
    max-inline-size: 100%;
    font-size: 11px;
    line-height: 1.3;
    color: var(--_muted);
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .legend {
    flex: 1;
    display: grid;
    grid-template-columns: auto minmax(0, 1fr) auto auto;
    min-inline-size: 0;
    max-inline-size: 460px;
    max-block-size: 100%;
    overflow-y: auto;
  }
  .row {
    display: grid;
    grid-template-columns: subgrid;
    grid-column: 1 / -1;
    align-items: center;
    gap: 9px;
    min-block-size: 30px;
    padding-block: 0;
    padding-inline: 7px;
    font-size: 13px;
    text-align: start;
  }
  .row.active {
    background: var(--_sunken);
  }
  .row span {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .row b {
    font-weight: 600;
    text-align: end;
  }
  .row em {
    font-style: normal;
    text-align: end;
    color: var(--_muted);
  }
  .circle {
    flex: none;
    inline-size: clamp(128px, 38cqi, 220px);
    aspect-ratio: 1;
    border-radius: 50%;
  }
  .bones {
    flex: 1;
    display: grid;
    gap: 14px;
  }
  .line {
    block-size: 14px;
  }
  @container (inline-size < 380px) {
    .body {
      flex-direction: column;
      align-items: stretch;
      gap: 10px;
    }
    .ring,
    .circle {
      align-self: center;
      inline-size: 168px;
    }
    .legend {
      flex: none;
      max-block-size: none;
    }
  }
  @container (inline-size < 230px) {
    .row em {
      display: none;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .mark {
      transition: none;
    }
  }
`
