/** The menu behind a tag's "more" button: entries of its own, then what it can be saved as. */
import { html, nothing, type TemplateResult } from 'lit'
import { icons } from './icons.js'

export interface MenuItem {
  label: string
  icon?: TemplateResult
  run: () => void
}

const gapPx = 4
const screenMarginPx = 8

/** Shown through the popover API: above everything, closed by Escape and by a click elsewhere. */
export function menu(label: string, groups: readonly (readonly MenuItem[])[]): TemplateResult {
  const shown = groups.filter((items) => items.length > 0)
  return html`<button class="tool more" popovertarget="menu" aria-haspopup="menu" aria-label=${label} title=${label} data-no-picture>
      ${icons.more}
    </button>
    <div class="menu" id="menu" part="menu" popover role="menu" aria-label=${label} @toggle=${toggled} @keydown=${pressed} data-no-picture>
      ${shown.map((items, i) => [
        i > 0 ? html`<div class="rule" role="separator"></div>` : nothing,
        items.map(
          (item) => html`<button role="menuitem" tabindex="-1" @click=${(event: Event) => choose(event, item)}>
            ${item.icon ?? nothing}<span>${item.label}</span>
          </button>`,
        ),
      ])}
    </div>`
}

function choose(event: Event, item: MenuItem): void {
  close((event.currentTarget as HTMLElement).closest<HTMLElement>('.menu')!)
  item.run()
}

/** Focus goes back to the button, wherever it was in the menu. */
function close(popup: HTMLElement): void {
  popup.hidePopover()
  ;(popup.previousElementSibling as HTMLElement).focus()
}

/** Below the button and never off the screen; focus goes in with the menu. */
function toggled(event: ToggleEvent): void {
  if (event.newState !== 'open') return
  const popup = event.currentTarget as HTMLElement
  const button = popup.previousElementSibling as HTMLElement
  const box = button.getBoundingClientRect()
  const { clientWidth, clientHeight } = document.documentElement
  const { offsetWidth, offsetHeight } = popup
  const isRtl = getComputedStyle(popup).direction === 'rtl'
  const wanted = isRtl ? box.left : box.right - offsetWidth
  const fitsBelow = box.bottom + gapPx + offsetHeight <= clientHeight - screenMarginPx
  const top = fitsBelow ? box.bottom + gapPx : Math.max(screenMarginPx, box.top - gapPx - offsetHeight)
  popup.style.left = `${Math.max(screenMarginPx, Math.min(wanted, clientWidth - offsetWidth - screenMarginPx))}px`
  popup.style.top = `${top}px`
  popup.querySelector<HTMLElement>('[role=menuitem]')?.focus()
}

function pressed(event: KeyboardEvent): void {
  const popup = event.currentTarget as HTMLElement
  const items = [...popup.querySelectorAll<HTMLElement>('[role=menuitem]')]
  const root = popup.getRootNode() as ShadowRoot
  const at = items.indexOf(root.activeElement as HTMLElement)
  if (event.key === 'Tab' || event.key === 'Escape') close(popup)
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key]
  if (to === undefined || items.length === 0) return
  event.preventDefault()
  event.stopPropagation()
  items[(to + items.length) % items.length].focus()
}
