/** Gives a tag the looks of a part that is loaded later than the tag itself. */
import type { CSSResult } from 'lit'

export function adoptStyles(root: ShadowRoot, ...styles: readonly CSSResult[]): void {
  for (const { styleSheet } of styles) {
    if (styleSheet && !root.adoptedStyleSheets.includes(styleSheet)) root.adoptedStyleSheets.push(styleSheet)
  }
}
