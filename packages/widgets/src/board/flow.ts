/**
 * Rows of widgets → places on the grid, for boards that are written down instead of arranged: each line fills the width, and
 * its widgets are as high as its highest, so that none rises into a hole.
 */
import { wideColumns } from './document.js'
import type { Rect } from './layout.js'

export interface FlowItem {
  w: number
  h: number
  /** As it is told to be: it keeps its width, or its height, while others of its line give or take. */
  isFixedW: boolean
  isFixedH: boolean
}

/** In the order of the rows; a row that is too wide goes on in the next line. */
export function flow(rows: readonly (readonly FlowItem[])[]): Rect[] {
  let y = 0
  return rows.flatMap((row) =>
    linesOf(row).flatMap((line) => {
      const height = Math.max(...line.map(({ h }) => h))
      const widths = widthsOf(line)
      let x = 0
      const places = line.map(({ h, isFixedH }, i) => {
        const place = { x, y, w: widths[i]!, h: isFixedH ? h : height }
        x += place.w
        return place
      })
      y += height
      return places
    }),
  )
}

function linesOf(row: readonly FlowItem[]): FlowItem[][] {
  const lines: FlowItem[][] = []
  let width = 0
  for (const item of row) {
    if (lines.length === 0 || width + item.w > wideColumns) {
      lines.push([])
      width = 0
    }
    lines.at(-1)!.push(item)
    width += item.w
  }
  return lines
}

/** What is left of the line goes to those without a width of their own, in proportion to what they have. */
function widthsOf(line: readonly FlowItem[]): number[] {
  const free = line.reduce((left, { w }) => left - w, wideColumns)
  const flexible = line.reduce((sum, { w, isFixedW }) => (isFixedW ? sum : sum + w), 0)
  let given = 0
  let passed = 0
  return line.map(({ w, isFixedW }) => {
    if (isFixedW) return w
    passed += w
    const share = Math.round((free * passed) / flexible) - given
    given += share
    return w + share
  })
}
