/** The card's own looks: a large value, its trend, and a sparkline that ends at the card's edges. */
import { css } from 'lit'

export const cardStyles = css`
  .card {
    min-block-size: 140px;
  }
  .header {
    flex-wrap: nowrap;
    align-items: start;
    padding-block-end: 0;
  }
  h3 {
    min-inline-size: 0;
    padding-block: 6px 3px;
    overflow-wrap: anywhere;
    font-size: 13px;
    font-weight: 500;
    color: var(--_muted);
  }
  .value {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 4px;
    margin: 0;
    padding: 0 var(--_space);
    font-size: clamp(24px, 11cqi, 34px);
    line-height: 1.15;
    font-weight: 620;
    letter-spacing: -0.025em;
  }
  .value span {
    font-size: 0.52em;
    font-weight: 500;
    letter-spacing: 0;
    color: var(--_muted);
  }
  .value.old {
    color: var(--_muted);
  }
  .trend {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 2px 6px;
    margin: 0;
    padding: 4px var(--_space) 0;
    font-size: 12px;
    color: var(--_muted);
  }
  .delta {
    display: inline-flex;
    align-items: center;
    gap: 2px;
    font-weight: 600;
    color: var(--_ink);
  }
  .delta .icon {
    inline-size: 13px;
    block-size: 13px;
  }
  .good {
    color: var(--_good);
  }
  .bad {
    color: var(--_bad);
  }
  .spark {
    display: block;
    inline-size: 100%;
    block-size: 44px;
    margin-block-start: auto;
    padding-block-start: 6px;
    overflow: visible;
  }
  .spark .line {
    fill: none;
    stroke: var(--_accent);
    stroke-width: 1.5;
    stroke-linejoin: round;
    vector-effect: non-scaling-stroke;
  }
  .spark .area {
    fill: color-mix(in srgb, var(--_accent) 11%, transparent);
  }
  .card > .badge {
    margin: 6px var(--_space) 0;
    align-self: start;
    order: 0;
    border-radius: 8px;
  }
  .state {
    padding: 4px var(--_space) 14px;
    align-items: start;
    text-align: start;
    font-size: 12px;
  }
  .state > .icon {
    display: none;
  }
  .state .action {
    margin-block-start: 4px;
    padding: 3px 10px;
  }
  /* Where somebody gives it less height than it has by itself, such as a board: the course goes beside the number. */
  @container (block-size < 150px) {
    .card {
      min-block-size: 0;
    }
    .spark {
      position: absolute;
      inset: auto 0 0 auto;
      inline-size: 48%;
      block-size: 54px;
    }
  }
  @container (block-size < 150px) and (inline-size < 260px) {
    .spark {
      display: none;
    }
  }
  .number {
    inline-size: 55%;
    block-size: 32px;
    margin: 4px var(--_space);
  }
  .small {
    inline-size: 75%;
    block-size: 12px;
    margin: 6px var(--_space);
  }
`
