/** The menu behind a tag's "more" button: entries of its own, then what it can be saved as. */
import { html, nothing, render } from 'lit'
import { adoptStyles } from './adopt-styles.js'
import { icons } from './icons.js'
import type { MenuItem, MenuPopup } from './menu.js'
import { menuStyles } from './menu.styles.js'

const gapPx = 4
const screenMarginPx = 8

/** Shown through the popover API: above everything, closed by Escape and by a click elsewhere. */
export function tieMenu(button: HTMLButtonElement, popup: MenuPopup): void {
  adoptStyles(popup.getRootNode() as ShadowRoot, menuStyles)
  button.popoverTargetElement = popup
  popup.addEventListener('beforetoggle', (event) => {
    if (event.newState === 'open') fill(popup)
  })
  popup.addEventListener('toggle', (event) => {
    if (event.newState === 'open') place(button, popup)
  })
  popup.addEventListener('keydown', (event) => pressed(event, popup))
}

function fill(popup: MenuPopup): void {
  const shown = popup.groups.filter((items) => items.length > 0)
  const item = (each: MenuItem) =>
    html`<button role="menuitem" tabindex="-1" @click=${() => choose(popup, each)}>
      ${each.icon ? icons[each.icon] : nothing}<span>${each.label}</span>
    </button>`
  const rule = html`<div class="rule" role="separator"></div>`
  render(
    shown.map((items, i) => [i > 0 ? rule : nothing, items.map(item)]),
    popup,
  )
}

function choose(popup: HTMLElement, item: MenuItem): void {
  close(popup)
  item.run()
}

/** Focus goes back to the button, wherever it was in the menu. */
function close(popup: HTMLElement): void {
  popup.hidePopover()
  ;(popup.previousElementSibling as HTMLElement).focus()
}

/** Below the button and never off the screen; focus goes in with the menu. */
function place(button: HTMLElement, popup: HTMLElement): void {
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

function pressed(event: KeyboardEvent, popup: HTMLElement): void {
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
