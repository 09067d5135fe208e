/** A tag's "more" button. What it opens is loaded, and made, with the first press. */
import { html, type TemplateResult } from 'lit'
import { firstIcons } from './first-icons.js'
import type { icons } from './icons.js'

export interface MenuItem {
  label: string
  icon?: keyof typeof icons
  run: () => void
}

export type MenuGroups = readonly (readonly MenuItem[])[]

/** The popover of a menu, with what it offers when it is opened. */
export interface MenuPopup extends HTMLElement {
  groups: MenuGroups
}

export function menu(label: string, groups: MenuGroups): TemplateResult {
  return html`<button class="tool more" aria-haspopup="menu" aria-label=${label} title=${label} @click=${firstPress} data-no-picture>
      ${firstIcons.more}
    </button>
    <div class="menu" part="menu" popover role="menu" aria-label=${label} .groups=${groups} data-no-picture></div>`
}

/** Later presses are the browser's own: the popover is then tied to its button. */
async function firstPress(event: Event): Promise<void> {
  const button = event.currentTarget as HTMLButtonElement
  const popup = button.nextElementSibling as MenuPopup
  if (button.popoverTargetElement) return
  // Code that is there already ties the popover before this very click is over, which would then close it again.
  event.preventDefault()
  try {
    const { tieMenu } = await import('./menu-popup.js')
    if (button.popoverTargetElement || !popup.isConnected) return
    tieMenu(button, popup)
    popup.showPopover()
  } catch {
    // The next press asks for it again.
  }
}
