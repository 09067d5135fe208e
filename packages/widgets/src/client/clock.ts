/** One timer a second for everything on the page that counts in seconds: relative times, countdowns, slow windows. */

type Tick = () => void

const ticks = new Set<Tick>()
let timer: ReturnType<typeof setInterval> | undefined

/** Calls `tick` about once a second until the returned function is called. */
export function everySecond(tick: Tick): () => void {
  ticks.add(tick)
  timer ??= setInterval(() => {
    for (const each of [...ticks]) each()
  }, 1000)
  return () => {
    ticks.delete(tick)
    if (ticks.size > 0 || timer === undefined) return
    clearInterval(timer)
    timer = undefined
  }
}

/**
 * How long until the next multiple of an interval since the page was opened: tags that ask by the same interval ask together,
 * and so share a request, while pages that were opened at other times ask at other times. Never sooner than a quarter of it.
 */
export function untilTogetherMs(intervalMs: number, nowMs: number = performance.now()): number {
  const waitMs = intervalMs - (nowMs % intervalMs)
  return waitMs < intervalMs / 4 ? waitMs + intervalMs : waitMs
}

const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** `15m` → 900000; NaN for what is no duration. */
export function parseDurationMs(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/.exec(text.trim())
  return match ? Number(match[1]) * unitMs[match[2]] : Number.NaN
}
