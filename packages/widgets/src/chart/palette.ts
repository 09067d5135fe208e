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
  { light: '#3557e0', dark: '#617fe0' },
  { light: '#e07333', dark: '#f99638' },
  { light: '#2d9b84', dark: '#36ccab' },
  { light: '#ac33a5', dark: '#e289e7' },
  { light: '#796b03', dark: '#e6d04e' },
  { light: '#1b3a6b', dark: '#a9cdf2' },
  { light: '#d23b4f', dark: '#f36f7c' },
  { light: '#6c747f', dark: '#92a1b6' },
]

/** Names that mean the same everywhere begin with the colour that says so. */
const meanings: Record<string, number> = { ok: 2, success: 2, error: 6, failed: 6, timeout: 1, cancelled: 7 }

const chosen = new Map<string, number>()
const maxRemembered = 1_000

/** Indices into `seriesColors` for a chart's series: the page's own choice for a label, else the next that is free here. */
export function assignColors(labels: readonly string[]): number[] {
  const taken = new Set<number>()
  const assigned = labels.map((label) => {
    const index = chosen.get(label)
    if (index === undefined || taken.has(index)) return -1
    taken.add(index)
    return index
  })
  return assigned.map((known, position) => {
    if (known >= 0) return known
    const label = labels[position]
    const meant = Object.hasOwn(meanings, label) ? meanings[label] : -1
    const index = meant >= 0 && !taken.has(meant) ? meant : nextFree(taken, position)
    taken.add(index)
    if (!chosen.has(label) && chosen.size < maxRemembered) chosen.set(label, index)
    return index
  })
}

function nextFree(taken: ReadonlySet<number>, position: number): number {
  for (let i = 0; i < seriesColors.length; i++) if (!taken.has(i)) return i
  return position % seriesColors.length
}
