/** How much load the demo makes, and how it rises and falls: a day's rhythm in a few minutes. */

/** From TELLTALE_DEMO_RATE: 1 is the default load, 2 twice as much. */
export function readRate(): number {
  const text = process.env.TELLTALE_DEMO_RATE
  if (text === undefined || text === '') return 1
  const rate = Number(text)
  if (!Number.isFinite(rate) || rate <= 0 || rate > 1000) {
    throw new Error(`TELLTALE_DEMO_RATE must be a number above 0 and at most 1000; got ${JSON.stringify(text)}`)
  }
  return rate
}

/** Length of the demo's day. */
const dayMs = 6 * 60_000

/** Around 1: a slow swell with a smaller, quicker one on top, as traffic has. From 0.35 to 1.65. */
export function rhythm(nowMs = Date.now()): number {
  const day = Math.sin((2 * Math.PI * nowMs) / dayMs)
  const hour = Math.sin((2 * Math.PI * nowMs) / (dayMs / 5))
  return 1 + 0.5 * day + 0.15 * hour
}

/** Calls `act` at random moments, `perSecond()` times a second on average, as independent arrivals do. */
export function arrivals(perSecond: () => number, act: () => void): { stop(): void } {
  let timer: NodeJS.Timeout
  const next = () => {
    const waitMs = (-Math.log(1 - Math.random()) / perSecond()) * 1000
    timer = setTimeout(
      () => {
        act()
        next()
      },
      Math.min(waitMs, 60_000),
    )
  }
  next()
  return { stop: () => clearTimeout(timer) }
}
