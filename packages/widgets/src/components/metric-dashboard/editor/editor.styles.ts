/** How the editor beside a board looks: its fields, and the tiles of the gallery. */
import { css } from 'lit'

export const editorStyles = css`
  .panel-head {
    position: sticky;
    inset-block-start: 0;
    z-index: 1;
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 8px;
    padding: 11px 8px 9px 16px;
    background: var(--_raised);
    border-block-end: 1px solid var(--_line);
  }
  .form {
    display: grid;
    gap: 13px;
    padding: 14px 16px 18px;
  }
  .field {
    display: grid;
    gap: 5px;
    min-inline-size: 0;
    margin: 0;
    padding: 0;
    border: 0;
  }
  .field > span,
  legend {
    padding: 0;
    color: var(--_muted);
    font-size: 12px;
    font-weight: 550;
  }
  .field input:not([type]),
  .field select,
  .field textarea {
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
  .field textarea {
    resize: vertical;
  }
  .field :is(input, select, textarea):focus-visible {
    outline-offset: -1px;
  }
  .field ::placeholder {
    color: color-mix(in srgb, var(--_muted) 80%, transparent);
  }
  .choices {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
  }
  .choices legend {
    margin-block-end: 6px;
  }
  .chip {
    position: relative;
    cursor: pointer;
  }
  .chip input {
    position: absolute;
    inset: 0;
    margin: 0;
    opacity: 0;
    cursor: inherit;
  }
  .chip span {
    display: block;
    padding: 4px 11px;
    font-size: 12px;
    border: 1px solid var(--_line);
    border-radius: 99px;
    background: var(--_surface);
  }
  .chip:hover span {
    background: var(--_sunken);
  }
  .chip :checked + span {
    color: var(--_accent);
    border-color: var(--_accent);
    background: color-mix(in srgb, var(--_accent) 9%, var(--_surface));
    font-weight: 550;
  }
  .chip :focus-visible + span {
    outline: 2px solid var(--_accent);
    outline-offset: 2px;
  }
  .condition {
    display: grid;
    grid-template-columns: minmax(0, auto) minmax(80px, 1fr) auto;
    align-items: center;
    gap: 6px;
  }
  .condition .tag {
    font: 12px var(--_mono);
    overflow-wrap: anywhere;
  }
  .tiles {
    display: grid;
    grid-template-columns: repeat(2, minmax(0, 1fr));
    gap: 10px;
  }
  .tile {
    display: grid;
    gap: 6px;
    padding: 6px 6px 8px;
    font-weight: 550;
    font-size: 12px;
    border: 1px solid var(--_line);
    border-radius: 10px;
    background: var(--_surface);
  }
  .tile:hover {
    border-color: var(--_accent);
    background: color-mix(in srgb, var(--_accent) 5%, var(--_surface));
  }
  .thumb {
    display: block;
    position: relative;
    block-size: 84px;
    overflow: hidden;
    border-radius: 6px;
    background: var(--_sunken);
  }
  /* The tag at three times the size, seen from further away. */
  .thumb > * {
    --telltale-chart-height: 100%;
    position: absolute;
    inset-block-start: 0;
    inset-inline-start: 0;
    inline-size: 300%;
    block-size: 300%;
    scale: calc(1 / 3);
    transform-origin: 0 0;
    pointer-events: none;
  }
  .thumb > *:dir(rtl) {
    transform-origin: 100% 0;
  }
`
