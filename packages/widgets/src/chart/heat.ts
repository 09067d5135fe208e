/**
 * Cells → pixels: a grid of values becomes an image with one pixel a cell, which the browser scales up. Filling typed arrays
 * and one `putImageData` is far cheaper than a rectangle a cell.
 */

/** A grid, row by row from the top; NaN where a cell has no value. */
export interface HeatGrid {
  columns: number
  rows: number
  values: Float64Array
}

const shades = 256

export interface HeatRange {
  min: number
  max: number
}

/** The least and the greatest value; amounts begin at zero. */
export function heatRange({ values }: HeatGrid): HeatRange {
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  for (let i = 0; i < values.length; i++) {
    // NaN fails both comparisons.
    if (values[i] < min) min = values[i]
    if (values[i] > max) max = values[i]
  }
  if (!(min <= max)) return { min: 0, max: 1 }
  return { min: Math.min(0, min), max: max > Math.min(0, min) ? max : min + 1 }
}

/** 0 to 1. The root lifts what is small: counts are mostly small, and their pattern is what is looked for. */
export function intensity(value: number, { min, max }: HeatRange): number {
  return Math.sqrt((value - min) / (max - min))
}

/** 256 steps along the stops, as the 32-bit words of an image (`ABGR` where bytes are little-endian). */
export function shadeTable(stops: readonly (readonly [red: number, green: number, blue: number])[]): Uint32Array {
  const bytes = new Uint8ClampedArray(shades * 4)
  for (let i = 0; i < shades; i++) {
    const at = (i / (shades - 1)) * (stops.length - 1)
    const low = Math.min(stops.length - 2, Math.floor(at))
    for (let c = 0; c < 3; c++) bytes[i * 4 + c] = stops[low][c] + (stops[low + 1][c] - stops[low][c]) * (at - low)
    bytes[i * 4 + 3] = 255
  }
  return new Uint32Array(bytes.buffer)
}

/** Cells without a value stay clear. */
export function fillShades(grid: HeatGrid, range: HeatRange, table: Uint32Array, words: Uint32Array): void {
  const { values } = grid
  const { min } = range
  const factor = 1 / (range.max - min)
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    // Not a number, or less than all: nothing is drawn.
    words[i] = value >= min ? table[(Math.sqrt((value - min) * factor) * (shades - 1) + 0.5) | 0] : 0
  }
}

export function paintHeat(canvas: HTMLCanvasElement, grid: HeatGrid, range: HeatRange, table: Uint32Array): void {
  const { columns, rows } = grid
  if (canvas.width !== columns || canvas.height !== rows) {
    canvas.width = columns
    canvas.height = rows
  }
  const context = canvas.getContext('2d')!
  const image = context.createImageData(columns, rows)
  fillShades(grid, range, table, new Uint32Array(image.data.buffer))
  context.putImageData(image, 0, 0)
}
