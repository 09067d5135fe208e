/** The menu's looks, loaded with it; it is a popover, so it stands in the top layer. */
import { css } from 'lit'

export const menuStyles = css`
  .menu {
    position: fixed;
    inset: 0 auto auto 0;
    margin: 0;
    padding: 5px;
    min-inline-size: 172px;
    max-inline-size: calc(100vw - 16px);
    color: var(--_ink);
    background: var(--_raised);
    border: 1px solid var(--_line);
    border-radius: 10px;
    box-shadow: var(--_shadow);
    font-size: 13px;
  }
  .menu button {
    display: flex;
    align-items: center;
    gap: 9px;
    inline-size: 100%;
    min-block-size: 32px;
    padding: 4px 10px 4px 8px;
    text-align: start;
    border-radius: 6px;
  }
  .menu button:hover,
  .menu button:focus-visible {
    background: var(--_sunken);
    outline-offset: -2px;
  }
  .menu .icon {
    color: var(--_muted);
  }
  .menu .rule {
    margin: 5px 8px;
    border-block-start: 1px solid var(--_line);
  }
  @media (pointer: coarse) {
    .menu button {
      min-block-size: 44px;
    }
  }
`
