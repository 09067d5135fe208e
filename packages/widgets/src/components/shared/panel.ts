/** Puts a picker's panel under its button, on the side that the text starts from, and never off the screen. */

const gapPx = 5
const screenMarginPx = 8

export function placePanel(panel: HTMLElement, button: HTMLElement): void {
  const box = button.getBoundingClientRect()
  const { clientWidth, clientHeight } = document.documentElement
  const { offsetWidth, offsetHeight } = panel
  const isRtl = getComputedStyle(button).direction === 'rtl'
  const wanted = isRtl ? box.right - offsetWidth : box.left
  const fitsBelow = box.bottom + gapPx + offsetHeight <= clientHeight - screenMarginPx
  const fitsAbove = box.top - gapPx - offsetHeight >= screenMarginPx
  const top = fitsBelow || !fitsAbove ? box.bottom + gapPx : box.top - gapPx - offsetHeight
  const clamp = (value: number, size: number, room: number) =>
    Math.max(screenMarginPx, Math.min(value, room - size - screenMarginPx))
  panel.style.left = `${clamp(wanted, offsetWidth, clientWidth)}px`
  panel.style.top = `${clamp(top, offsetHeight, clientHeight)}px`
}
