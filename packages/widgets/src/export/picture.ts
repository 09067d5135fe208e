/**
 * An element as a picture: what the reader sees is painted again onto a canvas, at twice the size. Boxes, borders, text,
 * shapes and canvases are drawn with canvas calls, so it needs no library, no data: URL and nothing of the page's policy.
 */
import { paintShape } from './picture-shape.js'
import { paintText } from './picture-text.js'
import { repaintOf } from './repaint.js'

/** What carries this attribute, such as menus and tools, is left out of pictures. */
export const notInPictures = 'data-no-picture'

const maxSidePx = 16_000

export function pictureOf(element: Element, surface: string, scale = 2): HTMLCanvasElement {
  const { left, top, width, height } = element.getBoundingClientRect()
  const ratio = Math.min(scale, maxSidePx / Math.max(width, height, 1))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(width * ratio))
  canvas.height = Math.max(1, Math.round(height * ratio))
  const context = canvas.getContext('2d')!
  context.fillStyle = surface
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.scale(ratio, ratio)
  context.translate(-left, -top)
  paintNode(context, element, ratio)
  return canvas
}

function paintNode(context: CanvasRenderingContext2D, node: Node, ratio: number): void {
  if (node instanceof Text) {
    if (node.data.trim() !== '' && node.parentElement) paintText(context, node, getComputedStyle(node.parentElement))
    return
  }
  if (!(node instanceof Element) || node.hasAttribute(notInPictures)) return
  const style = getComputedStyle(node)
  const opacity = Number(style.opacity)
  if (style.display === 'none' || opacity === 0) return
  // What is clipped away is there for assistive technology alone.
  if (style.clipPath !== 'none') return
  context.save()
  context.globalAlpha *= opacity
  if (style.visibility !== 'hidden') paintSelf(context, node, style, ratio)
  if (style.overflowX !== 'visible' && style.display !== 'contents' && !(node instanceof SVGElement)) {
    const { left, top, width, height } = node.getBoundingClientRect()
    context.beginPath()
    context.roundRect(left, top, width, height, radiusOf(style))
    context.clip()
  }
  for (const child of childrenOf(node)) paintNode(context, child, ratio)
  context.restore()
}

function childrenOf(element: Element): Iterable<Node> {
  if (element instanceof HTMLSlotElement) return element.assignedNodes({ flatten: true })
  return (element.shadowRoot ?? element).childNodes
}

function paintSelf(
  context: CanvasRenderingContext2D,
  element: Element,
  style: CSSStyleDeclaration,
  ratio: number,
): void {
  if (element instanceof SVGGeometryElement) {
    paintShape(context, element, style)
    return
  }
  if (element instanceof SVGElement && !(element instanceof SVGSVGElement)) return
  if (style.display === 'contents') return
  const box = element.getBoundingClientRect()
  if (box.width === 0 || box.height === 0) return
  paintBox(context, box, style)
  if (element instanceof HTMLCanvasElement && element.width > 0) {
    const source = repaintOf(element)?.(ratio) ?? element
    context.imageSmoothingEnabled = style.imageRendering !== 'pixelated'
    context.drawImage(source, box.left, box.top, box.width, box.height)
  }
}

function paintBox(context: CanvasRenderingContext2D, box: DOMRect, style: CSSStyleDeclaration): void {
  const { left, top, width, height } = box
  const radius = radiusOf(style)
  if (!isClear(style.backgroundColor)) {
    context.fillStyle = style.backgroundColor
    context.beginPath()
    context.roundRect(left, top, width, height, radius)
    context.fill()
  }
  const widths = [style.borderTopWidth, style.borderRightWidth, style.borderBottomWidth, style.borderLeftWidth].map(
    Number.parseFloat,
  )
  if (widths.every((side) => side === widths[0]) && widths[0] > 0) {
    const half = widths[0] / 2
    context.strokeStyle = style.borderTopColor
    context.lineWidth = widths[0]
    context.setLineDash([])
    context.beginPath()
    context.roundRect(left + half, top + half, width - widths[0], height - widths[0], Math.max(0, radius - half))
    context.stroke()
    return
  }
  const [above, right, below, before] = widths
  fillSide(context, style.borderTopColor, left, top, width, above)
  fillSide(context, style.borderRightColor, left + width - right, top, right, height)
  fillSide(context, style.borderBottomColor, left, top + height - below, width, below)
  fillSide(context, style.borderLeftColor, left, top, before, height)
}

function fillSide(
  context: CanvasRenderingContext2D,
  color: string,
  x: number,
  y: number,
  width: number,
  height: number,
): void {
  if (!(width > 0 && height > 0) || isClear(color)) return
  context.fillStyle = color
  context.fillRect(x, y, width, height)
}

function radiusOf(style: CSSStyleDeclaration): number {
  return Number.parseFloat(style.borderTopLeftRadius) || 0
}

export function isClear(color: string): boolean {
  return color === 'transparent' || /^rgba\(.*, 0\)$/.test(color)
}
