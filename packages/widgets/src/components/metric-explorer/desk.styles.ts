/** The looks of the explorer's desk: metrics beside it where there is room, above it where there is not. */
import { css } from 'lit'

export const deskStyles = css`
  .card {
    display: grid;
    grid-template-columns: minmax(220px, 300px) minmax(0, 1fr);
  }
  .card > .state,
  .waiting {
    grid-column: 1 / -1;
  }
  .metrics {
    display: flex;
    flex-direction: column;
    min-block-size: 0;
    border-inline-end: 1px solid var(--_line);
    background: color-mix(in srgb, var(--_sunken) 45%, var(--_surface));
  }
  .find {
    padding: 12px;
  }
  .field,
  .choose select,
  .filter select,
  .filter input {
    min-block-size: 32px;
    background: var(--_surface);
    border: 1px solid var(--_line);
    border-radius: 8px;
  }
  .field {
    display: flex;
    align-items: center;
    gap: 7px;
    padding-inline: 10px;
    color: var(--_muted);
  }
  .field:focus-within {
    border-color: var(--_accent);
    box-shadow: 0 0 0 1px var(--_accent);
  }
  input,
  select {
    font: inherit;
    color: var(--_ink);
  }
  .field input {
    flex: 1;
    min-inline-size: 0;
    padding: 0;
    background: none;
    border: 0;
    outline: 0;
    appearance: none;
  }
  input::placeholder {
    color: var(--_muted);
    opacity: 1;
  }
  .names {
    flex: 1;
    min-block-size: 0;
    max-block-size: 620px;
    overflow-y: auto;
    padding: 0 6px 10px;
  }
  .entry {
    display: grid;
    gap: 1px;
    padding: 7px 10px;
    border-radius: 8px;
    cursor: pointer;
  }
  .entry:hover {
    background: var(--_sunken);
  }
  .entry:focus-visible {
    outline-offset: -2px;
  }
  .entry b {
    font-weight: 550;
    overflow-wrap: anywhere;
  }
  .entry span {
    font-size: 11.5px;
    color: var(--_muted);
  }
  .entry[aria-selected='true'] {
    background: color-mix(in srgb, var(--_accent) 12%, var(--_surface));
  }
  .entry[aria-selected='true'] b {
    color: var(--_accent);
  }
  .note {
    margin: 0;
    padding: 4px 18px 18px;
    color: var(--_muted);
  }
  .desk {
    display: flex;
    flex-direction: column;
    gap: 14px;
    min-inline-size: 0;
    padding: 12px var(--_space) var(--_space);
  }
  .controls {
    display: flex;
    flex-wrap: wrap;
    gap: 10px 14px;
  }
  .choose {
    display: grid;
    gap: 4px;
    font-size: 12px;
    color: var(--_muted);
  }
  .choose select {
    min-inline-size: 108px;
    padding-inline: 8px;
    font-size: 13px;
  }
  .chips {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px;
    min-inline-size: 0;
    margin: 0;
    padding: 0;
    border: 0;
  }
  .chips legend {
    float: inline-start;
    padding: 0;
    margin-inline-end: 4px;
    font-size: 12px;
    color: var(--_muted);
  }
  .chip {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    min-block-size: 28px;
    padding: 2px 11px;
    font-size: 12px;
    border: 1px solid var(--_line);
    border-radius: 99px;
    overflow-wrap: anywhere;
  }
  .chip:hover {
    background: var(--_sunken);
  }
  .chip[aria-pressed='true'],
  .chip.on {
    color: var(--_accent);
    border-color: color-mix(in srgb, var(--_accent) 45%, var(--_line));
    background: color-mix(in srgb, var(--_accent) 9%, var(--_surface));
  }
  .chip button {
    display: grid;
    place-items: center;
    inline-size: 24px;
    block-size: 24px;
    margin-inline-end: -8px;
    border-radius: 50%;
  }
  .chip .icon {
    inline-size: 11px;
    block-size: 11px;
  }
  .filter {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px;
  }
  .filter select,
  .filter input {
    min-block-size: 28px;
    max-inline-size: 150px;
    padding-inline: 8px;
    font-size: 12px;
  }
  .filter .icon {
    inline-size: 13px;
    block-size: 13px;
  }
  .preview {
    --telltale-chart-height: 340px;
    display: grid;
    align-items: start;
    min-block-size: 340px;
  }
  .paste {
    display: flex;
    align-items: center;
    gap: 12px;
    padding: 10px 12px;
    background: var(--_sunken);
    border-radius: 10px;
  }
  pre {
    direction: ltr;
    text-align: left;
    flex: 1;
    min-inline-size: 0;
    margin: 0;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  pre i {
    font-style: normal;
  }
  .t {
    color: var(--_accent);
  }
  .a {
    color: var(--_good);
  }
  .v {
    color: var(--_warn);
  }
  .copy {
    display: inline-flex;
    align-items: center;
    gap: 7px;
    flex: none;
    max-inline-size: 45%;
  }
  @container (inline-size < 640px) {
    .card {
      grid-template-columns: minmax(0, 1fr);
      grid-template-rows: auto 1fr;
    }
    .metrics {
      border-inline-end: 0;
      border-block-end: 1px solid var(--_line);
    }
    .names {
      max-block-size: 210px;
    }
    .choose {
      flex: 1;
    }
    .choose select {
      min-inline-size: 0;
      inline-size: 100%;
    }
    .paste {
      flex-direction: column;
      align-items: stretch;
    }
    .copy {
      justify-content: center;
      max-inline-size: none;
    }
  }
  @media (pointer: coarse) {
    .chip,
    .choose select,
    .field,
    .filter select,
    .filter input {
      min-block-size: 40px;
    }
    input,
    select {
      font-size: 16px;
    }
  }
`
