/** How the list of a board's versions looks, and what stands over the board while one of them is. */
import { css } from 'lit'

export const pastStyles = css`
  div.past {
    position: sticky;
    inset-block-start: var(--telltale-board-top, 12px);
    z-index: 1;
    color: var(--_accent);
    background: color-mix(in srgb, var(--_accent) 9%, var(--_surface));
    border-color: color-mix(in srgb, var(--_accent) 40%, transparent);
  }
  div.past span {
    flex: 1 1 180px;
    color: var(--_ink);
  }
  div.past .action {
    min-block-size: 34px;
    color: var(--_ink);
    border-radius: 9px;
  }
  div.past .primary {
    color: light-dark(#fff, #0d1120);
    background: var(--_accent);
    border-color: transparent;
  }
  .versions {
    margin: 0;
    padding: 8px;
    list-style: none;
  }
  .version {
    display: grid;
    gap: 2px;
    inline-size: 100%;
    padding: 8px 10px 9px;
    text-align: start;
    border-radius: 9px;
  }
  button.version:hover {
    background: var(--_sunken);
  }
  .version[aria-pressed='true'] {
    background: color-mix(in srgb, var(--_accent) 11%, transparent);
    box-shadow: inset 2px 0 0 var(--_accent);
  }
  .when {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 8px;
  }
  .when time {
    font-weight: 600;
  }
  .when small {
    color: var(--_muted);
    font-size: 11.5px;
  }
  .when .badge {
    padding: 0 8px;
    font-size: 11.5px;
    color: var(--_ink);
    background: color-mix(in srgb, var(--_accent) 12%, transparent);
  }
  .what {
    color: var(--_muted);
    font-size: 12.5px;
    overflow-wrap: anywhere;
  }
  .older {
    display: block;
    margin: 0 18px 16px;
  }
  .note-box {
    padding: 14px 18px;
    color: var(--_muted);
  }
  .bone.version {
    block-size: 44px;
    padding: 0;
  }
`
