/** The dial's own looks. */
import { css } from 'lit'

export const gaugeStyles = css`
  :host {
    min-block-size: 200px;
  }
  .dial {
    position: relative;
    flex: 1;
    align-self: center;
    display: flex;
    flex-direction: column;
    align-items: center;
    justify-content: center;
    inline-size: min(100%, 290px);
    padding: 0 var(--_space) 14px;
    border-radius: 10px;
    cursor: default;
  }
  .face {
    position: relative;
    inline-size: 100%;
  }
  .dial svg {
    display: block;
    inline-size: 100%;
    max-block-size: 210px;
  }
  .dial path {
    fill: none;
    stroke-linecap: round;
    stroke-width: 9;
  }
  .dial .track {
    stroke: var(--_sunken);
  }
  .dial .band {
    stroke-width: 2.2;
    stroke-linecap: butt;
    stroke: var(--_c);
  }
  .dial .needle {
    stroke: var(--_c);
  }
  .plain,
  .info {
    --_c: var(--_accent);
  }
  .quiet {
    --_c: var(--_line);
  }
  .good {
    --_c: var(--_good);
  }
  .warning {
    /* A text's amber is brown on so large a surface. */
    --_c: var(--telltale-warn, light-dark(#d67c00, #f0b05a));
  }
  .critical {
    --_c: var(--_bad);
  }
  .value {
    /* Its middle is the arc's. */
    position: absolute;
    inset: 59% 0 auto;
    translate: 0 -50%;
    display: flex;
    align-items: baseline;
    justify-content: center;
    gap: 3px;
    direction: ltr;
    margin: 0;
    font-size: clamp(26px, 11cqi, 38px);
    line-height: 1.1;
    font-weight: 620;
    letter-spacing: -0.025em;
  }
  .value span {
    font-size: 0.5em;
    font-weight: 500;
    letter-spacing: 0;
    color: var(--_muted);
  }
  .old .value {
    color: var(--_muted);
  }
  .old .mark {
    opacity: 0.5;
  }
  .ends {
    display: flex;
    direction: ltr;
    justify-content: space-between;
    inline-size: 78%;
    margin-block-start: -8px;
    font-size: 11px;
    color: var(--_muted);
  }
  .breathing {
    animation: breathe 1.6s ease-in-out infinite alternate;
  }
  .skeleton {
    align-items: center;
  }
  @media (prefers-reduced-motion: reduce) {
    .breathing {
      animation: none;
    }
  }
`
