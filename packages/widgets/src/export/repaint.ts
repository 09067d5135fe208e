/** How a chart's canvas is drawn again, sharply, for a picture: apart from the pictures, which are loaded when one is made. */

/** Draws a canvas's content again at another ratio of device to CSS pixels; without one its pixels are scaled. */
export type Repaint = (ratio: number) => CanvasImageSource

const repaints = new WeakMap<HTMLCanvasElement, Repaint>()

/** Canvases of charts say here how they are drawn sharply at twice their size. */
export function setRepaint(canvas: HTMLCanvasElement, repaint: Repaint): void {
  repaints.set(canvas, repaint)
}

export function repaintOf(canvas: HTMLCanvasElement): Repaint | undefined {
  return repaints.get(canvas)
}
