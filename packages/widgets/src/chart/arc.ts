/** Path data of rings: a slice between two turns, with the hole in the middle. Turns run clockwise from the top, 0 to 1. */

/** A full ring has two halves, because an arc whose ends meet is nothing. */
export function ringSlice(from: number, to: number, outer: number, inner: number): string {
  if (to - from >= 0.99999) {
    const middle = from + 0.5
    return ringSlice(from, middle, outer, inner) + ringSlice(middle, from + 0.99999, outer, inner)
  }
  const isLarge = to - from > 0.5 ? 1 : 0
  const start = pointAt(from, outer)
  const end = pointAt(to, outer)
  if (inner <= 0) return `M0,0L${start}A${outer},${outer} 0 ${isLarge} 1 ${end}Z`
  return (
    `M${start}A${outer},${outer} 0 ${isLarge} 1 ${end}` +
    `L${pointAt(to, inner)}A${inner},${inner} 0 ${isLarge} 0 ${pointAt(from, inner)}Z`
  )
}

/** An arc to be stroked. */
export function arcLine(from: number, to: number, radius: number): string {
  return `M${pointAt(from, radius)}A${radius},${radius} 0 ${to - from > 0.5 ? 1 : 0} 1 ${pointAt(to, radius)}`
}

export function pointAt(turn: number, radius: number): string {
  const angle = turn * Math.PI * 2
  return `${(Math.sin(angle) * radius).toFixed(3)},${(-Math.cos(angle) * radius).toFixed(3)}`
}
