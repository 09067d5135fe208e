/**
 * CPU and memory of task runs. A process has one CPU clock for all its runs, so each run says how far its reading can be
 * trusted: `exclusive` where no other run was open meanwhile, `process` where the reading covers others as well.
 */
import { CpuMethod, type CpuMethodCode } from '@telltale/protocol'
import type { CpuMode } from '../options.js'
import type { ResourceProbe } from '../platform.js'

/** Reading the resident set takes microseconds; four times a second tells as much. */
const memoryIntervalMs = 250
/** `auto` measures one run a millisecond at most, so that reading the CPU clock stays below about 0.2 % of the time. */
const autoIntervalMs = 1

const bytesPerMb = 1e6

/** What the start of a run leaves for its end. NaN micros: the run is not measured. */
export interface CpuStart {
  micros: number
  ticket: number
  /** No other run was open at the start. */
  alone: boolean
}

export class TaskResources {
  readonly #probe: ResourceProbe
  #openRuns = 0
  #tickets = 0
  #lastAutoMs = Number.NEGATIVE_INFINITY
  #memoryMb = Number.NaN
  #memoryAtMs = Number.NEGATIVE_INFINITY

  constructor(probe: ResourceProbe) {
    this.#probe = probe
  }

  /** Fills `start`; `end` must follow, whatever the mode. */
  begin(mode: CpuMode, nowMs: number, start: CpuStart): void {
    start.alone = this.#openRuns === 0
    this.#openRuns++
    start.ticket = ++this.#tickets
    start.micros = Number.NaN
    if (mode === 'off' || this.#probe.cpuMicros === undefined) return
    if (mode === 'auto') {
      if (nowMs - this.#lastAutoMs < autoIntervalMs) return
      this.#lastAutoMs = nowMs
    }
    start.micros = this.#probe.cpuMicros()
  }

  /** CPU time in milliseconds, or NaN. `method` tells what it covers. */
  end(mode: CpuMode, start: CpuStart): number {
    this.#openRuns--
    if (Number.isNaN(start.micros) || this.#probe.cpuMicros === undefined) return Number.NaN
    if (mode === 'exclusive' && !this.#exclusive(start)) return Number.NaN
    return Math.max(0, this.#probe.cpuMicros() - start.micros) / 1000
  }

  method(mode: CpuMode, start: CpuStart): CpuMethodCode {
    return mode !== 'process' && this.#exclusive(start) ? CpuMethod.exclusive : CpuMethod.process
  }

  /** Resident set of the process in MB (10^6 bytes), as of the last quarter of a second. */
  memoryMb(nowMs: number): number {
    if (this.#probe.residentBytes === undefined) return Number.NaN
    if (nowMs - this.#memoryAtMs >= memoryIntervalMs) {
      this.#memoryAtMs = nowMs
      this.#memoryMb = this.#probe.residentBytes() / bytesPerMb
    }
    return this.#memoryMb
  }

  /** No run was open at the start, and none has started since. */
  #exclusive(start: CpuStart): boolean {
    return start.alone && start.ticket === this.#tickets
  }
}
