/** A text node onto a canvas, line by line, each where the browser has put it. */

interface Line {
  text: string
  left: number
  top: number
  height: number
}

export function paintText(context: CanvasRenderingContext2D, node: Text, style: CSSStyleDeclaration): void {
  if (style.visibility === 'hidden') return
  const svgFill = node.parentElement instanceof SVGElement ? style.fill : ''
  context.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`
  context.letterSpacing = style.letterSpacing === 'normal' ? '0px' : style.letterSpacing
  context.fillStyle = svgFill || style.color
  context.direction = style.direction as CanvasDirection
  context.textAlign = 'left'
  context.textBaseline = 'alphabetic'
  for (const { text, left, top, height } of linesOf(node)) {
    const cased = style.textTransform === 'uppercase' ? text.toUpperCase() : text
    const shown = shortened(context, cased, node.parentElement!, style)
    const { fontBoundingBoxAscent: above, fontBoundingBoxDescent: below, width } = context.measureText(shown)
    const baseline = top + above * (height / (above + below))
    context.fillText(shown, left, baseline)
    if (style.textDecorationLine.includes('line-through')) context.fillRect(left, top + height / 2, width, 1)
  }
}

/** With an ellipsis where the browser has put one. */
function shortened(
  context: CanvasRenderingContext2D,
  text: string,
  { clientWidth, scrollWidth }: Element,
  { textOverflow }: CSSStyleDeclaration,
): string {
  if (textOverflow !== 'ellipsis' || scrollWidth <= clientWidth) return text
  let kept = text
  while (kept.length > 1 && context.measureText(`${kept}…`).width > clientWidth) kept = kept.slice(0, -1)
  return `${kept}…`
}

/** Words whose boxes stand on one line are one run of text. */
function linesOf(node: Text): Line[] {
  const range = document.createRange()
  range.selectNodeContents(node)
  const boxes = range.getClientRects()
  if (boxes.length === 0) return []
  const lines: Line[] = []
  if (boxes.length === 1) {
    const { left, top, height } = boxes[0]
    return [{ text: node.data.replace(/\s+/g, ' ').trim(), left, top, height }]
  }
  for (const match of node.data.matchAll(/\S+/g)) {
    range.setStart(node, match.index)
    range.setEnd(node, match.index + match[0].length)
    const { left, top, height } = range.getBoundingClientRect()
    const line = lines[lines.length - 1]
    if (line && Math.abs(line.top - top) < 2) line.text += ` ${match[0]}`
    else lines.push({ text: match[0], left, top, height })
  }
  return lines
}
