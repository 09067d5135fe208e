/** The looks of the rows of a task table: a quiet table where there is room, a list of two-line rows where there is not. */
import { css } from 'lit'

export const runsStyles = css`
  table {
    inline-size: 100%;
    border-collapse: collapse;
    table-layout: fixed;
  }
  th {
    padding: 6px 8px;
    font-size: 12px;
    font-weight: 500;
    color: var(--_muted);
    text-align: start;
    white-space: nowrap;
    border-block-end: 1px solid var(--_line);
  }
  td {
    padding: 0 8px;
    block-size: 38px;
    border-block-end: 1px solid var(--_line);
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  th:first-child,
  td:first-child {
    padding-inline-start: calc(var(--_space) - 4px);
  }
  th:first-child {
    padding-inline-start: var(--_space);
  }
  th:last-child,
  td:last-child {
    padding-inline-end: var(--_space);
  }
  .type {
    inline-size: 27%;
  }
  .status {
    inline-size: 104px;
  }
  .duration {
    inline-size: 168px;
  }
  .started {
    inline-size: 92px;
  }
  .attempt {
    inline-size: 72px;
    text-align: end;
  }
  th button {
    display: inline-flex;
    align-items: center;
    gap: 3px;
    margin: -3px -5px;
    padding: 3px 5px;
  }
  th button:hover {
    background: var(--_sunken);
    color: var(--_ink);
  }
  th .icon {
    inline-size: 12px;
    block-size: 12px;
    opacity: 0;
  }
  [aria-sort] .icon {
    opacity: 1;
  }
  [aria-sort] {
    color: var(--_ink);
  }
  .run {
    cursor: pointer;
  }
  .run:hover td {
    background: var(--_sunken);
  }
  .live .run {
    animation: arrive 1.4s ease-out;
  }
  .open td {
    border-block-end-color: transparent;
  }
  .opener {
    display: flex;
    align-items: center;
    gap: 4px;
    max-inline-size: 100%;
    padding: 3px 6px 3px 2px;
    font-weight: 550;
    text-align: start;
  }
  .opener span {
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .opener .icon {
    inline-size: 14px;
    block-size: 14px;
    color: var(--_muted);
    transition: rotate 0.15s;
  }
  .opener[aria-expanded='true'] .icon {
    rotate: 90deg;
  }
  .pill {
    --_c: var(--_muted);
    display: inline-flex;
    align-items: center;
    gap: 5px;
    padding: 1px 9px 1px 7px;
    border-radius: 99px;
    font-size: 12px;
    font-weight: 550;
    color: var(--_c);
    background: color-mix(in srgb, var(--_c) 10%, var(--_surface));
  }
  .pill i {
    inline-size: 6px;
    block-size: 6px;
    border-radius: 50%;
    background: currentColor;
  }
  .pill.ok {
    --_c: var(--_good);
  }
  .pill.error {
    --_c: var(--_bad);
  }
  .pill.timeout {
    --_c: var(--_warn);
  }
  .length {
    display: flex;
    align-items: center;
    gap: 8px;
  }
  .length span {
    inline-size: 62px;
    text-align: end;
  }
  .bar {
    flex: 1;
    min-inline-size: 30px;
    block-size: 5px;
    border-radius: 3px;
    background: var(--_sunken);
    fill: color-mix(in srgb, var(--_accent) 75%, var(--_surface));
  }
  .run.error .bar,
  .run.timeout .bar {
    fill: color-mix(in srgb, var(--_bad) 75%, var(--_surface));
  }
  .attempt,
  .started,
  .message {
    color: var(--_muted);
  }
  .footer {
    display: flex;
    justify-content: space-between;
    gap: 12px;
    padding: 8px var(--_space) 10px;
    font-size: 12px;
    color: var(--_muted);
  }
  .pulse {
    display: inline-flex;
    align-items: center;
    gap: 6px;
  }
  .pulse.on::before {
    content: '';
    inline-size: 7px;
    block-size: 7px;
    border-radius: 50%;
    background: var(--_good);
  }
  td.detail {
    block-size: auto;
    padding: 2px var(--_space) 16px calc(var(--_space) + 16px);
    white-space: normal;
  }
  .failure {
    margin: 0 0 12px;
    padding: 8px 12px;
    border-radius: 8px;
    color: var(--_bad);
    background: color-mix(in srgb, var(--_bad) 8%, var(--_surface));
    overflow-wrap: anywhere;
  }
  .facts {
    display: flex;
    flex-wrap: wrap;
    gap: 10px 28px;
    margin: 0;
  }
  dt {
    font-size: 12px;
    color: var(--_muted);
  }
  dd {
    margin: 0;
    overflow-wrap: anywhere;
  }
  .facts code {
    user-select: all;
  }
  h4 {
    margin: 14px 0 4px;
    font-size: 12px;
    font-weight: 500;
    color: var(--_muted);
  }
  .steps {
    margin: 0;
    padding: 0;
    list-style: none;
    max-inline-size: 560px;
  }
  .steps li {
    display: grid;
    grid-template-columns: minmax(80px, 28%) 1fr 66px;
    align-items: center;
    gap: 10px;
    padding-block: 2px;
  }
  .steps .bar {
    inline-size: 100%;
    block-size: 6px;
  }
  .steps .bar rect {
    fill: var(--_accent);
  }
  .steps .whole rect {
    fill: color-mix(in srgb, var(--_accent) 30%, var(--_sunken));
  }
  .steps .quiet rect {
    fill: color-mix(in srgb, var(--_muted) 40%, var(--_sunken));
  }
  .steps .child rect {
    fill: var(--_good);
  }
  .steps .failed rect {
    fill: var(--_bad);
  }
  .relative {
    color: var(--_accent);
    text-decoration: underline;
    text-underline-offset: 3px;
    text-align: start;
  }
  .steps b {
    font-weight: 500;
    text-align: end;
  }
  @keyframes arrive {
    from {
      background: color-mix(in srgb, var(--_accent) 14%, transparent);
    }
  }
  @container (560px <= inline-size < 760px) {
    .message {
      display: none;
    }
    .type {
      inline-size: auto;
    }
  }
  @container (inline-size < 560px) {
    table,
    tbody,
    td.detail {
      display: block;
    }
    thead tr {
      display: flex;
      gap: 14px;
      padding: 2px var(--_space) 8px;
      border-block-end: 1px solid var(--_line);
    }
    thead {
      display: block;
    }
    thead th {
      display: none;
      inline-size: auto;
      padding: 0;
      border: 0;
    }
    thead th.duration,
    thead th.started {
      display: block;
    }
    thead th.duration {
      margin-inline-end: auto;
      padding-inline-start: 16px;
    }
    .run {
      display: grid;
      grid-template-columns: minmax(0, 1fr) auto;
      align-items: center;
      gap: 3px 12px;
      padding: 8px var(--_space) 9px calc(var(--_space) - 6px);
      border-block-end: 1px solid var(--_line);
    }
    .run.open {
      border-color: transparent;
    }
    .run td {
      display: block;
      inline-size: auto;
      block-size: auto;
      padding: 0;
      border: 0;
      background: none;
    }
    .run .status {
      justify-self: end;
    }
    .run .duration {
      padding-inline-start: 20px;
    }
    .run .duration .length span {
      inline-size: auto;
      min-inline-size: 54px;
      text-align: start;
    }
    .run .started {
      justify-self: end;
      font-size: 12px;
    }
    .run .attempt,
    .run .message:empty {
      display: none;
    }
    .run .message {
      grid-column: 1 / -1;
      padding-inline-start: 20px;
      font-size: 12px;
    }
    .run:hover {
      background: var(--_sunken);
    }
    tbody > tr:not(.run) {
      display: block;
      border-block-end: 1px solid var(--_line);
    }
    td.detail {
      border: 0;
      padding-inline-start: calc(var(--_space) + 14px);
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .live .run {
      animation: none;
    }
    .opener .icon {
      transition: none;
    }
  }
`
