/** A series of numbers as one line of text: eight heights between its least and its greatest, a space where it has none. */

const blocks = '▁▂▃▄▅▆▇█'

export function sparkline(values: readonly (number | null)[], width: number): string {
  const columns = squeeze(values, width)
  const known = columns.filter((value) => value !== null)
  const min = Math.min(...known)
  const span = Math.max(...known) - min
  return columns
    .map((value) => {
      if (value === null) return ' '
      // A flat line is drawn at middle height: at the bottom it would read as nothing.
      const share = span > 0 ? (value - min) / span : 0.5
      return blocks[Math.min(blocks.length - 1, Math.floor(share * blocks.length))]
    })
    .join('')
}

/** At most `width` values: the means of what falls together. */
function squeeze(values: readonly (number | null)[], width: number): (number | null)[] {
  if (values.length <= width) return [...values]
  return Array.from({ length: width }, (_, column) => {
    const from = Math.floor((column * values.length) / width)
    const to = Math.floor(((column + 1) * values.length) / width)
    const known = values.slice(from, to).filter((value) => value !== null)
    return known.length > 0 ? known.reduce((sum, value) => sum + value, 0) / known.length : null
  })
}

/** Four significant digits for reading; programs take `--json`. */
export function formatNumber(value: number | null): string {
  if (value === null) return '–'
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return value.toLocaleString('en-US')
  if (Math.abs(value) >= 1e15 || Math.abs(value) < 1e-4) return value.toExponential(3)
  return Number(value.toPrecision(4)).toLocaleString('en-US', { maximumFractionDigits: 8 })
}
