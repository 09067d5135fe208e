/** A shape of SVG onto a canvas: its path in the page's pixels, filled and stroked as its computed style says. */

export function paintShape(
  context: CanvasRenderingContext2D,
  shape: SVGGeometryElement,
  style: CSSStyleDeclaration,
): void {
  const matrix = shape.getScreenCTM()
  if (!matrix) return
  const path = new Path2D()
  path.addPath(pathOf(shape), matrix)
  if (style.fill !== 'none') {
    context.save()
    context.globalAlpha *= Number(style.fillOpacity)
    context.fillStyle = style.fill
    context.fill(path)
    context.restore()
  }
  if (style.stroke === 'none') return
  // The path is in the page's pixels already, so the stroke's width has to be brought there too.
  const scale =
    style.vectorEffect === 'non-scaling-stroke' ? 1 : Math.sqrt(Math.abs(matrix.a * matrix.d - matrix.b * matrix.c))
  context.save()
  context.globalAlpha *= Number(style.strokeOpacity)
  context.strokeStyle = style.stroke
  context.lineWidth = Number.parseFloat(style.strokeWidth) * scale
  context.lineCap = style.strokeLinecap as CanvasLineCap
  context.lineJoin = style.strokeLinejoin as CanvasLineJoin
  const dashes = style.strokeDasharray === 'none' ? [] : style.strokeDasharray.split(/[ ,]+/).map(Number.parseFloat)
  // `pathLength` counts the whole path as so many units.
  const unit = shape.pathLength.baseVal > 0 ? shape.getTotalLength() / shape.pathLength.baseVal : 1
  context.setLineDash(dashes.map((dash) => dash * unit * scale))
  context.stroke(path)
  context.restore()
}

function pathOf(shape: SVGGeometryElement): Path2D {
  if (shape instanceof SVGPathElement) return new Path2D(shape.getAttribute('d') ?? '')
  const path = new Path2D()
  const length = (animated: SVGAnimatedLength) => animated.baseVal.value
  if (shape instanceof SVGRectElement) {
    path.roundRect(length(shape.x), length(shape.y), length(shape.width), length(shape.height), length(shape.rx))
  } else if (shape instanceof SVGCircleElement) {
    path.arc(length(shape.cx), length(shape.cy), length(shape.r), 0, Math.PI * 2)
  } else if (shape instanceof SVGLineElement) {
    path.moveTo(length(shape.x1), length(shape.y1))
    path.lineTo(length(shape.x2), length(shape.y2))
  }
  return path
}
