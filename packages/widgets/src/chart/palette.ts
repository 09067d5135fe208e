/**
 * Series colours: eight that stay apart for colour-blind readers and stand out from the surface, in a light and a dark
 * version. A label keeps its colour on every chart of the page.
 */

export interface SeriesColor {
  light: string
  dark: string
}

/** Contrast with the surface ≥ 3:1 in both; distances under simulated colour blindness are held by a test. */
export const seriesColors: readonly SeriesColor[] = [
  { light: '#3557e0', dark: '#7b9bff' },
  { light: '#c2570c', dark: '#f2994a' },
  { light: '#0a8a74', dark: '#2fc8a7' },
  { light: '#b0309f', dark: '#e884d8' },
  { light: '#8a7a00', dark: '#e6d04f' },
  { light: '#1b3a6b', dark: '#a9cdf2' },
  { light: '#d23b4e', dark: '#ff7a85' },
  { light: '#64748b', dark: '#94a3b8' },
]

const chosen = new Map<string, number>()
const maxRemembered = 1_000

/** Indices into `seriesColors` for a chart's series: the page's own choice for a label, else the next free one. */
export function assignColors(labels: readonly string[]): number[] {
  const taken = new Set<number>()
  return labels.map((label, position) => {
    let index = chosen.get(label)
    if (index === undefined || (taken.has(index) && taken.size < seriesColors.length)) {
      index = nextFree(taken, position)
      if (!chosen.has(label) && chosen.size < maxRemembered) chosen.set(label, index)
    }
    taken.add(index)
    return index
  })
}

function nextFree(taken: ReadonlySet<number>, position: number): number {
  for (let i = 0; i < seriesColors.length; i++) if (!taken.has(i)) return i
  return position % seriesColors.length
}
