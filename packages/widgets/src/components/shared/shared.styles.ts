/** What all tags look alike in: the card, its header, buttons, and the loading, empty, error and stale states. */
import { css } from 'lit'

export const sharedStyles = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  .card {
    display: flex;
    flex-direction: column;
    position: relative;
    block-size: 100%;
    min-inline-size: 0;
    overflow: hidden;
    background: var(--_surface);
    border: 1px solid var(--_line);
    border-radius: var(--_radius);
  }
  .header {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 2px 10px;
    padding: 12px var(--_space) 4px;
    min-block-size: 44px;
  }
  .header:has(> .titles) {
    flex-wrap: nowrap;
    align-items: start;
  }
  .titles {
    flex: 1;
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 2px 10px;
    min-inline-size: 0;
    min-block-size: 28px;
  }
  h3 {
    margin: 0;
    font-size: 14px;
    font-weight: 600;
    letter-spacing: -0.006em;
    overflow-wrap: anywhere;
  }
  .sub {
    color: var(--_muted);
    font-size: 12px;
    margin-inline-end: auto;
    overflow-wrap: anywhere;
  }
  button {
    font: inherit;
    color: inherit;
    background: none;
    border: 0;
    margin: 0;
    padding: 0;
    cursor: pointer;
    border-radius: 7px;
  }
  :focus-visible {
    outline: 2px solid var(--_accent);
    outline-offset: 2px;
  }
  .tool {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    min-block-size: 28px;
    padding: 0 6px;
    color: var(--_muted);
    font-size: 12px;
  }
  .tool:hover {
    background: var(--_sunken);
    color: var(--_ink);
  }
  .action {
    padding: 6px 14px;
    font-weight: 550;
    background: var(--_surface);
    border: 1px solid var(--_line);
  }
  .action:hover {
    background: var(--_sunken);
  }
  .icon {
    flex: none;
    display: block;
  }
  .state {
    flex: 1;
    display: flex;
    flex-direction: column;
    align-items: center;
    justify-content: center;
    gap: 6px;
    padding: 16px 24px 24px;
    text-align: center;
    color: var(--_muted);
  }
  .state .icon {
    inline-size: 22px;
    block-size: 22px;
  }
  .state strong {
    color: var(--_ink);
    font-weight: 600;
  }
  .state p {
    margin: 0;
    max-inline-size: 46ch;
    overflow-wrap: anywhere;
    text-wrap: balance;
  }
  .state .action {
    margin-block-start: 8px;
    color: var(--_ink);
  }
  code {
    font: 12px/1.5 var(--_mono);
    color: var(--_ink);
  }
  .state > code {
    display: block;
    max-inline-size: 100%;
    padding: 6px 10px;
    margin-block-start: 4px;
    background: var(--_sunken);
    border-radius: 7px;
    overflow-wrap: anywhere;
    user-select: all;
  }
  .badge {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    padding: 2px 9px 2px 7px;
    border-radius: 99px;
    font-size: 12px;
    color: var(--_warn);
    background: color-mix(in srgb, var(--_warn) 10%, var(--_surface));
  }
  .badge .icon {
    inline-size: 14px;
    block-size: 14px;
  }
  @container (inline-size < 620px) {
    .badge {
      order: 1;
      margin-block-end: 4px;
    }
  }
  .bone {
    border-radius: 6px;
    background: var(--_sunken);
    animation: breathe 1.6s ease-in-out infinite alternate;
  }
  .hidden {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    margin: 0;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  @keyframes breathe {
    to {
      opacity: 0.45;
    }
  }
  .tools {
    display: flex;
    align-items: center;
    gap: 2px;
    margin-inline-start: auto;
  }
  .sub + .tools {
    margin-inline-start: 0;
  }
  .more {
    justify-content: center;
    inline-size: 28px;
    padding: 0;
    margin-inline-end: -6px;
  }
  .more .icon {
    pointer-events: none;
  }
  @media (pointer: coarse) {
    .more {
      inline-size: 40px;
      min-block-size: 40px;
      margin-block: -6px;
    }
  }
  @container (inline-size >= 1600px) {
    h3 {
      font-size: 17px;
    }
    .sub {
      font-size: 14px;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .bone {
      animation: none;
    }
  }
  @media (forced-colors: active) {
    .card {
      border-color: CanvasText;
    }
    .dot,
    .bar,
    .mark {
      forced-color-adjust: none;
    }
    .tool,
    .action,
    .menu button {
      color: ButtonText;
    }
  }
`
