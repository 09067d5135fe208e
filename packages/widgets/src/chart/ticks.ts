/** Where an axis has its ticks: round numbers on the value axis, and whole units of the reader's own time on the time axis. */

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

export interface TimeTicks {
  stepMs: number
  ticksMs: number[]
}

/** Aligned to local midnights, hours and minutes, also over a change of the clocks. */
export function timeTicks(startMs: number, endMs: number, maxCount: number): TimeTicks {
  const rough = (endMs - startMs) / Math.max(1, maxCount)
  const stepMs = timeSteps.find((step) => step >= rough) ?? timeSteps[timeSteps.length - 1]
  const ticksMs: number[] = []
  const add = (timeMs: number) => {
    if (timeMs >= startMs && timeMs <= endMs) ticksMs.push(timeMs)
    return timeMs <= endMs && ticksMs.length < maxTicks
  }
  if (stepMs >= day) {
    const from = new Date(startMs)
    const isMonths = stepMs >= month
    const count = Math.round(stepMs / (isMonths ? month : day))
    // Months count from January and days from the first of the month, so that ticks stay where they are while time moves.
    for (let i = 0; i < 10_000; i++) {
      const at = isMonths
        ? new Date(from.getFullYear(), i * count, 1)
        : new Date(from.getFullYear(), from.getMonth(), 1 + i * count)
      if (!add(at.getTime())) break
    }
    return { stepMs, ticksMs }
  }
  const offsetMs = localOffsetMs(startMs)
  for (let local = Math.ceil((startMs + offsetMs) / stepMs) * stepMs; ; local += stepMs) {
    if (!add(local - localOffsetMs(local - offsetMs))) break
  }
  return { stepMs, ticksMs }
}

function localOffsetMs(timeMs: number): number {
  return -new Date(timeMs).getTimezoneOffset() * minute
}
