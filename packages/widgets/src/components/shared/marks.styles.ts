/** What drawings of marks share: dots, legends, tooltips, and how a mark looks while it is pointed at. */
import { css } from 'lit'

export const marksStyles = css`
  .dot {
    flex: none;
    inline-size: 8px;
    block-size: 8px;
    border-radius: 3px;
    background: var(--_c);
  }
  .mark {
    fill: var(--_c);
  }
  .plain {
    --_c: var(--_accent);
  }
  .rest {
    --_c: color-mix(in srgb, var(--_muted) 55%, var(--_surface));
  }
  .focusable:focus-visible {
    outline: 2px solid var(--_accent);
    outline-offset: 3px;
    border-radius: 8px;
  }
  .layers {
    display: flex;
    flex-wrap: wrap;
    gap: 2px;
    margin: 0;
    padding: 2px calc(var(--_space) - 7px) 10px;
    list-style: none;
    font-size: 12px;
    color: var(--_muted);
  }
  .key {
    display: flex;
    align-items: center;
    gap: 6px;
    padding: 2px 7px;
    text-align: start;
  }
  .key:hover {
    background: var(--_sunken);
  }
  .key[aria-pressed='false'] {
    text-decoration: line-through;
  }
  .key[aria-pressed='false'] .dot {
    background: none;
    box-shadow: inset 0 0 0 1.5px var(--_c);
  }
  @media (pointer: coarse) {
    .key {
      min-block-size: 36px;
      padding-inline: 10px;
    }
  }
  .tip {
    position: fixed;
    inset: 0 auto auto 0;
    margin: 0;
    padding: 8px 11px;
    max-inline-size: min(300px, calc(100vw - 16px));
    color: var(--_ink);
    background: var(--_raised);
    border: 1px solid var(--_line);
    border-radius: 9px;
    box-shadow: var(--_shadow);
    font-size: 12px;
    pointer-events: none;
  }
  .tip strong {
    display: block;
    font-weight: 500;
    color: var(--_muted);
    overflow-wrap: anywhere;
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
  .old .mark {
    opacity: 0.5;
  }
`
