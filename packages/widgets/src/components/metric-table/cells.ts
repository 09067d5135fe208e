/** Drawings in the cells of a table: how long a number is beside the others, and the course that it took. */
import { html, nothing, svg, type TemplateResult } from 'lit'

const sparkHeight = 20
const sparkWidth = 90

export function lengthBar(share: number): TemplateResult {
  const width = `${(Math.max(0, Math.min(1, share || 0)) * 100).toFixed(1)}%`
  return html`<svg class="bar" aria-hidden="true"><rect class="mark" width=${width} height="100%" rx="2.5"></rect></svg>`
}

/** A line through the values, broken where there are none. */
export function trendCell(values: ArrayLike<number | null> | undefined): TemplateResult | typeof nothing {
  if (!values || values.length < 2) return nothing
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (value === null || Number.isNaN(value)) continue
    if (value < low) low = value
    if (value > high) high = value
  }
  if (!(low <= high)) return nothing
  let path = ''
  let isOpen = false
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (value === null || Number.isNaN(value)) {
      isOpen = false
      continue
    }
    const x = (i / (values.length - 1)) * sparkWidth
    const y = high === low ? sparkHeight / 2 : sparkHeight - 2 - ((value - low) / (high - low)) * (sparkHeight - 4)
    path += `${isOpen ? 'L' : 'M'}${x.toFixed(1)},${y.toFixed(1)}`
    isOpen = true
  }
  return html`<svg class="spark" viewBox="0 0 ${sparkWidth} ${sparkHeight}" aria-hidden="true">${svg`<path d=${path}></path>`}</svg>`
}
