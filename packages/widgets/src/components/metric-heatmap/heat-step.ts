/** How long a column of a heat map is, by the room that there is. */
const stepSeconds = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400]

/** A step that gives cells of some pixels: a picture of slivers has no pattern. */
export function heatStep(rangeMs: number, widthPx: number, cellPx: number): string {
  const wanted = rangeMs / 1000 / Math.max(8, widthPx / cellPx)
  const found = stepSeconds.find((step) => step >= wanted) ?? Math.ceil(wanted / 86_400) * 86_400
  return `${found}s`
}
