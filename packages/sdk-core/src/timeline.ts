/**
 * Monotonic readings → Unix milliseconds as the collector counts them. The system clock gives the start; the times of
 * receipt in acknowledgements tell how far it is off.
 *
 *   Unix ms                        ╱      the clock was behind: a step forward
 *      │                   ╱──────╱
 *      │          ╱───────╱               ahead by up to a minute: half speed until the time is right,
 *      │  ───────╱                        so that nothing recorded later gets an earlier time
 *      └──────────────────────────► monotonic ms
 *
 * A clock that is further ahead is set back at once: at half speed its data would be wrong for hours.
 */
import type { Clock } from './clock.js'

/** Below this the two clocks are taken to agree: `Date.now()` has whole milliseconds, and NTP slews slowly. */
const toleranceMs = 10
/** Below this a machine's clock is taken to be right: networks and pauses blur what acknowledgements tell. */
const leastSkewMs = 500
/** A clock that is further ahead than this is set back at once. */
export const maxSlewMs = 60_000
const slewRate = 0.5
/** A run that started before the first of these has its time by the first. */
const maxKnots = 8

/** From `fromMs` on, time runs at `rate` from `unixMs`. */
interface Knot {
  fromMs: number
  unixMs: number
  rate: number
}

export class Timeline {
  readonly #clock: Clock
  #knots: Knot[]
  #checkedAtMs: number
  /** What the collector's clock shows beyond this machine's; 0 while they agree, or as long as nothing is known. */
  #skewMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#checkedAtMs = clock.monotonicMs()
    this.#knots = [{ fromMs: this.#checkedAtMs, unixMs: clock.wallMs(), rate: 1 }]
  }

  get skewMs(): number {
    return this.#skewMs
  }

  toUnixMs(monotonicMs: number): number {
    const knots = this.#knots
    let at = knots.length - 1
    while (at > 0 && knots[at].fromMs > monotonicMs) at--
    const { fromMs, unixMs, rate } = knots[at]
    // Before the first, time ran as it always does.
    return unixMs + (monotonicMs - fromMs) * (monotonicMs < fromMs ? 1 : rate)
  }

  /** Follows the system clock after a step or a suspend; called before each batch is made. */
  resync(): void {
    const nowMs = this.#clock.monotonicMs()
    this.#aim(nowMs)
    this.#checkedAtMs = nowMs
  }

  /** What an acknowledgement tells: the collector's clock somewhere between sending and receiving it. */
  measure(collectorMs: number, sentMs: number, receivedMs: number): void {
    if (!(collectorMs > 0)) return
    const tripMs = receivedMs - sentMs
    const skewMs = collectorMs - (this.#clock.wallMs() - tripMs / 2)
    const doubtMs = Math.max(leastSkewMs, tripMs)
    if (Math.abs(skewMs - this.#skewMs) <= doubtMs) return
    this.#skewMs = Math.abs(skewMs) <= doubtMs ? 0 : Math.round(skewMs)
    this.#aim(receivedMs)
  }

  /** Bends the line so that it meets the time that is right by now. */
  #aim(nowMs: number): void {
    const wantedMs = this.#clock.wallMs() + this.#skewMs
    const shownMs = this.toUnixMs(nowMs)
    const behindMs = wantedMs - shownMs
    const slewing = this.#knots[this.#knots.length - 1].fromMs > nowMs
    if (Math.abs(behindMs) <= toleranceMs) return
    // A slew under way that will end at the right time needs no help.
    if (slewing && Math.abs(this.#finalOffsetMs() - (wantedMs - nowMs)) <= toleranceMs) return
    if (behindMs > 0) {
      // What made the difference, such as a suspended machine, lies after the last look.
      const fromMs = this.#checkedAtMs
      this.#bend({ fromMs, unixMs: wantedMs - (nowMs - fromMs), rate: 1 })
    } else if (-behindMs <= maxSlewMs) {
      const tookMs = -behindMs / (1 - slewRate)
      this.#bend({ fromMs: nowMs, unixMs: shownMs, rate: slewRate })
      this.#knots.push({ fromMs: nowMs + tookMs, unixMs: shownMs + tookMs * slewRate, rate: 1 })
    } else {
      this.#knots = [{ fromMs: nowMs, unixMs: wantedMs, rate: 1 }]
    }
  }

  #bend(knot: Knot): void {
    this.#knots = this.#knots.filter((one) => one.fromMs < knot.fromMs)
    this.#knots.push(knot)
    if (this.#knots.length > maxKnots) this.#knots.shift()
  }

  #finalOffsetMs(): number {
    const { fromMs, unixMs } = this.#knots[this.#knots.length - 1]
    return unixMs - fromMs
  }
}
