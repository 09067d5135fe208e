/** The value axis: a range that includes zero where that is honest, and ends on round numbers so that it does not twitch. */

const roundSteps = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]

export interface RangeOptions {
  /** Areas and bars show amounts: their length must start at zero. */
  zeroBased: boolean
  /** Nothing can be above this, such as 1 for a ratio. */
  ceiling?: number | undefined
}

export function valueRange(min: number, max: number, { zeroBased, ceiling }: RangeOptions): [number, number] {
  if (!(min <= max) || !Number.isFinite(max - min)) return [0, ceiling ?? 1]
  // A line far from zero that hardly moves is worth a closer look; all others keep zero in sight.
  const spread = max - min
  const keepsZero = zeroBased || (min >= 0 && spread > max * 0.2) || (max <= 0 && spread > -min * 0.2)
  let low = keepsZero ? Math.min(0, min) : min - padding(min, max)
  let high = keepsZero ? Math.max(0, max) : max + padding(min, max)
  if (keepsZero) {
    if (high > 0) high = roundUp(high * 1.05)
    if (low < 0) low = -roundUp(-low * 1.05)
    if (low === high) high = 1
  }
  if (min >= 0 && low < 0) low = 0
  if (ceiling !== undefined && max <= ceiling && high > ceiling) high = ceiling * 1.02
  return [low, high]
}

/** A logarithmic range, as powers of ten; within one decade it ends on 1, 2 or 5 times a power. */
export function logRange(min: number, max: number): [number, number] {
  if (!(min > 0) || !(min <= max) || !Number.isFinite(max)) return [0, 1]
  const roundDown = (value: number) => {
    const power = 10 ** Math.floor(Math.log10(value))
    return power * ([5, 2, 1].find((digit) => digit * power <= value * (1 + 1e-9)) ?? 1)
  }
  const low = Math.log10(roundDown(min))
  const high = Math.log10(roundUp(max * 1.02))
  return high - low > 0.1 ? [low, high] : [low - 0.5, high + 0.5]
}

/** The next of 1, 1.2, 1.5, 2 … times a power of ten. */
export function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  // The smallest numbers there are have no such power.
  if (power === 0) return value
  const digit = value / power
  return power * (roundSteps.find((step) => digit <= step + 1e-9) ?? 10)
}

function padding(min: number, max: number): number {
  return (max - min) * 0.12 || Math.abs(max) * 0.1 || 1
}
