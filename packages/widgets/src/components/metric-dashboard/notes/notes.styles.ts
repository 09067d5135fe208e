/** How the form of an annotation looks, and the list of those that are shown. */
import { css } from 'lit'

export const notesStyles = css`
  .help {
    margin: 0;
    color: var(--_muted);
    font-size: 12.5px;
  }
  .field input[type='datetime-local'] {
    inline-size: 100%;
    min-inline-size: 0;
    min-block-size: 34px;
    padding: 6px 10px;
    font: inherit;
    color: var(--_ink);
    background: var(--_surface);
    border: 1px solid var(--_line);
    border-radius: 8px;
  }
  .failure {
    margin: 0;
    color: var(--_bad);
    overflow-wrap: anywhere;
  }
  .panel .save {
    min-block-size: 38px;
    color: light-dark(#fff, #0d1120);
    background: var(--_accent);
    border-color: transparent;
    border-radius: 9px;
  }
  .save:disabled {
    opacity: 0.45;
    cursor: default;
  }
  .notes-head {
    margin: 0;
    padding: 4px 16px;
    color: var(--_muted);
    font-size: 12px;
    font-weight: 550;
  }
  .notes {
    margin: 0;
    padding: 0 8px 12px 16px;
    list-style: none;
  }
  .notes li {
    display: flex;
    align-items: center;
    gap: 10px;
    padding: 5px 0;
    border-block-start: 1px solid var(--_line);
  }
  .notes .mark {
    flex: none;
    inline-size: 3px;
    block-size: 30px;
    border-radius: 2px;
    background: var(--_accent);
  }
  .notes .good {
    background: var(--_good);
  }
  .notes .warning {
    background: var(--_warn);
  }
  .notes .critical {
    background: var(--_bad);
  }
  .note-text {
    display: grid;
    flex: 1;
    min-inline-size: 0;
    overflow-wrap: anywhere;
  }
  .note-text time {
    color: var(--_muted);
    font-size: 12px;
  }
`
