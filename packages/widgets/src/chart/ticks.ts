/** Where an axis has its ticks: round numbers on the value axis, and whole units of a time zone on the time axis. */
import { zoneOffsetMs } from '../format/zone.js'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const month = 30 * day

const timeSteps = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * second),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * minute),
  ...[1, 2, 3, 6, 12].map((n) => n * hour),
  ...[1, 2, 7, 14].map((n) => n * day),
  ...[1, 2, 3, 6, 12, 24, 60].map((n) => n * month),
]

/** Against numbers so close together that adding a step changes nothing. */
const maxTicks = 200

/** Multiples of 1, 2, 2.5 or 5 times a power of ten, at most about `maxCount` of them. */
export function valueTicks(min: number, max: number, maxCount: number): number[] {
  const rough = (max - min) / Math.max(1, maxCount)
  if (!(rough > 0)) return []
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 2.5, 5].find((factor) => factor * power >= rough * 0.999) ?? 10)
  const ticks: number[] = []
  // Counting in whole steps keeps 0.1 + 0.2 from becoming a label.
  for (
    let i = Math.ceil(min / step - 1e-6) + 0;
    i * step <= max * (1 + 1e-9) + step * 1e-6 && ticks.length < maxTicks;
    i++
  )
    ticks.push(i * step)
  return ticks
}

/** Ticks of an axis from 10^low to 10^high: powers of ten, with 2 and 5 between them where there is room. */
export function logTicks(low: number, high: number, maxCount: number): number[] {
  const decades = high - low
  const every = Math.max(1, Math.ceil(decades / Math.max(1, maxCount)))
  const digits = decades * 3 <= maxCount ? [1, 2, 5] : [1]
  const ticks: number[] = []
  for (let power = Math.floor(low); power <= high && ticks.length < maxTicks; power += every) {
    for (const digit of digits) {
      const at = Math.log10(digit) + power
      if (at >= low - 1e-9 && at <= high + 1e-9) ticks.push(digit * 10 ** power)
    }
  }
  return ticks
}

export interface TimeTicks {
  stepMs: number
  ticksMs: number[]
}

/** The shortest step that puts at most about `maxCount` ticks on so long a window. */
export function timeStep(widthMs: number, maxCount: number): number {
  const rough = widthMs / Math.max(1, maxCount)
  return timeSteps.find((step) => step >= rough) ?? timeSteps[timeSteps.length - 1]
}

export function timeTicks(startMs: number, endMs: number, maxCount: number, timeZone?: string): TimeTicks {
  const stepMs = timeStep(endMs - startMs, maxCount)
  return { stepMs, ticksMs: ticksEvery(stepMs, startMs, endMs, timeZone) }
}

/** Aligned to a zone's midnights, hours and minutes, also over a change of its clocks. Absent zone: the reader's own. */
export function ticksEvery(stepMs: number, startMs: number, endMs: number, timeZone?: string): number[] {
  const ticksMs: number[] = []
  const add = (localMs: number) => {
    // The offset of a moment near by, then that of the moment itself.
    const guess = localMs - zoneOffsetMs(localMs - zoneOffsetMs(localMs, timeZone), timeZone)
    const timeMs = localMs - zoneOffsetMs(guess, timeZone)
    if (timeMs >= startMs && timeMs <= endMs && timeMs !== ticksMs.at(-1)) ticksMs.push(timeMs)
    return timeMs <= endMs && ticksMs.length < maxTicks
  }
  const localStartMs = startMs + zoneOffsetMs(startMs, timeZone)
  if (stepMs < day) {
    for (let local = Math.ceil(localStartMs / stepMs) * stepMs; add(local); ) local += stepMs
    return ticksMs
  }
  const from = new Date(localStartMs)
  const isMonths = stepMs >= month
  const count = Math.round(stepMs / (isMonths ? month : day))
  // Months count from January and days from the first of the month, so that ticks stay where they are while time moves.
  for (let i = 0; i < 10_000; i++) {
    const at = isMonths
      ? Date.UTC(from.getUTCFullYear(), i * count, 1)
      : Date.UTC(from.getUTCFullYear(), from.getUTCMonth(), 1 + i * count)
    if (!add(at)) break
  }
  return ticksMs
}
