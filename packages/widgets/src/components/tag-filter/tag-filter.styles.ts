/** The filter's own looks: a row of chips, and the list under the text that is typed. */
import { css } from 'lit'

export const tagFilterStyles = css`
  .row {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
  }
  .chip {
    display: inline-flex;
    align-items: stretch;
    max-inline-size: 100%;
    background: color-mix(in srgb, var(--_accent) 10%, var(--_surface));
    border: 1px solid color-mix(in srgb, var(--_accent) 35%, var(--_surface));
    border-radius: 8px;
  }
  .what {
    min-block-size: 32px;
    padding: 0 4px 0 11px;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    font-weight: 550;
  }
  .drop {
    display: grid;
    place-items: center;
    inline-size: 30px;
    color: var(--_muted);
  }
  .drop:hover {
    color: var(--_ink);
  }
  .drop .icon {
    inline-size: 13px;
    block-size: 13px;
  }
  .panel {
    inline-size: 280px;
  }
  .list {
    max-block-size: 260px;
    margin-block-start: 4px;
    overflow-y: auto;
    scrollbar-width: thin;
  }
  .option {
    overflow-wrap: anywhere;
  }
  @media (pointer: coarse) {
    .what,
    .drop {
      min-block-size: 44px;
      min-inline-size: 44px;
    }
  }
`
