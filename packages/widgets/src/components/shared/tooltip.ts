/** A note beside a mark, in the top layer and never off the screen. Hidden from assistive technology: the live region says it. */
import { html, nothing, type TemplateResult } from 'lit'

const gapPx = 10
const screenMarginPx = 8

export interface TipRow {
  /** Class of the dot; empty: no dot. */
  dot: string
  label: string
  value: string
}

export interface Tip {
  title: string
  rows: readonly TipRow[]
}

export function tooltip(tip: Tip | undefined): TemplateResult {
  return html`<div class="tip" part="tooltip" popover="manual" aria-hidden="true" data-no-picture>
    ${
      tip
        ? html`<strong>${tip.title}</strong>
            ${tip.rows.map(
              ({ dot, label, value }) =>
                html`<div>${dot ? html`<i class="dot ${dot}"></i>` : nothing}<span>${label}</span><b>${value}</b></div>`,
            )}`
        : nothing
    }
  </div>`
}

/** Above the mark where there is room, else below it; shown while `anchor` is given. */
export function placeTooltip(root: ParentNode, anchor: DOMRect | undefined): void {
  const tip = root.querySelector<HTMLElement>('.tip')
  if (!tip) return
  const isOpen = tip.matches(':popover-open')
  if (!anchor) {
    if (isOpen) tip.hidePopover()
    return
  }
  if (!isOpen) tip.showPopover()
  const { offsetWidth, offsetHeight } = tip
  const { clientWidth, clientHeight } = document.documentElement
  const clamp = (value: number, size: number, room: number) =>
    Math.max(screenMarginPx, Math.min(value, room - size - screenMarginPx))
  const above = anchor.top - gapPx - offsetHeight
  const top = above >= screenMarginPx ? above : anchor.bottom + gapPx
  tip.style.left = `${clamp(anchor.left + anchor.width / 2 - offsetWidth / 2, offsetWidth, clientWidth)}px`
  tip.style.top = `${clamp(top, offsetHeight, clientHeight)}px`
}
