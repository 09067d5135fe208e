/** What pickers look alike in: a button that says what is chosen, and a panel under it. */
import { css } from 'lit'

export const pickerStyles = css`
  :host {
    display: inline-block;
    container-type: normal;
    max-inline-size: 100%;
    vertical-align: middle;
  }
  .pick,
  .field {
    display: inline-flex;
    align-items: center;
    gap: 7px;
    min-block-size: 34px;
    max-inline-size: 100%;
    padding: 0 11px;
    font: inherit;
    font-weight: 550;
    color: var(--_ink);
    background: var(--_surface);
    border: 1px solid var(--_line);
    border-radius: 8px;
    cursor: pointer;
  }
  .pick:hover,
  .field:hover {
    background: var(--_sunken);
  }
  .pick .icon,
  .field .icon {
    color: var(--_muted);
  }
  .pick span {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .panel {
    position: fixed;
    inset: 0 auto auto 0;
    margin: 0;
    padding: 6px;
    max-inline-size: calc(100vw - 16px);
    max-block-size: calc(100vh - 16px);
    overflow: auto;
    color: var(--_ink);
    background: var(--_raised);
    border: 1px solid var(--_line);
    border-radius: 10px;
    box-shadow: var(--_shadow, 0 6px 24px -6px rgb(0 0 0 / 0.22));
  }
  .list {
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .option {
    display: flex;
    align-items: center;
    gap: 8px;
    inline-size: 100%;
    min-block-size: 32px;
    padding: 4px 10px;
    text-align: start;
    border-radius: 6px;
    cursor: pointer;
  }
  .option:hover,
  .option.at {
    background: var(--_sunken);
  }
  .option[aria-selected='true'],
  .option[aria-checked='true'] {
    font-weight: 600;
  }
  .option .icon {
    margin-inline-start: auto;
    color: var(--_accent);
  }
  .option small {
    margin-inline-start: auto;
    color: var(--_muted);
  }
  .text {
    inline-size: 100%;
    min-block-size: 34px;
    padding: 0 9px;
    font: inherit;
    color: var(--_ink);
    background: var(--_surface);
    border: 1px solid var(--_line);
    border-radius: 7px;
  }
  .note {
    margin: 0;
    padding: 6px 10px;
    color: var(--_muted);
    font-size: 12px;
  }
  .note.wrong {
    color: var(--_bad);
  }
  @media (pointer: coarse) {
    .pick,
    .field,
    .option,
    .text {
      min-block-size: 44px;
    }
  }
  @media (forced-colors: active) {
    .option.at {
      outline: 2px solid Highlight;
      outline-offset: -2px;
    }
  }
`
