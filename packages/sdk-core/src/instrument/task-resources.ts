/**
 * CPU and memory of task runs. A process has one CPU clock for all its runs, so each run says how far its reading can be
 * trusted: `exclusive` where no other run was open meanwhile, `process` where the reading covers others as well, and
 * `slices` for the time that the main thread spent in this run, which holds whatever overlaps.
 */
import { CpuMethod, type CpuMethodCode } from '@telltale/protocol'
import type { CpuMode } from '../options.js'
import type { ResourceProbe } from '../platform.js'

/** Reading the resident set takes microseconds; four times a second tells as much. */
const memoryIntervalMs = 250
/** `auto` measures one run a millisecond at most, so that reading the CPU clock stays below about 0.2 % of the time. */
const autoIntervalMs = 1

const bytesPerMb = 1e6

/** Main-thread time of one run, added up slice by slice. */
export interface SliceAccount {
  ms: number
}

export interface CpuReading {
  readonly micros: number
  readonly ticket: number
  /** No other run was open at the start. */
  readonly alone: boolean
}

/** What the start of a run leaves for its end. Without either, the run is not measured. */
export interface CpuStart {
  reading: CpuReading | undefined
  slices: SliceAccount | undefined
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
    this.#openRuns++
    this.#tickets++
    if (mode === 'off') return
    if (mode === 'slices') {
      if (this.#probe.slices !== undefined) start.slices = { ms: 0 }
      return
    }
    if (mode === 'auto') {
      if (nowMs - this.#lastAutoMs < autoIntervalMs) return
      this.#lastAutoMs = nowMs
    }
    const micros = this.#read(mode)
    if (!Number.isNaN(micros)) start.reading = { micros, ticket: this.#tickets, alone: this.#openRuns === 1 }
  }

  /** CPU time in milliseconds, or NaN. `method` tells what it covers. */
  end(mode: CpuMode, start: CpuStart): number {
    this.#openRuns--
    const { reading, slices } = start
    if (slices !== undefined) return this.#probe.slices?.end(slices) ?? Number.NaN
    if (reading === undefined) return Number.NaN
    if (mode === 'exclusive' && !this.#exclusive(reading)) return Number.NaN
    return Math.max(0, this.#read(mode) - reading.micros) / 1000
  }

  method(mode: CpuMode, start: CpuStart): CpuMethodCode {
    if (start.slices !== undefined) return CpuMethod.slices
    const { reading } = start
    return mode !== 'process' && reading !== undefined && this.#exclusive(reading)
      ? CpuMethod.exclusive
      : CpuMethod.process
  }

  /** Calls `work` with its time on the main thread charged to `start`, where it is measured so. */
  within<T>(start: CpuStart, work: () => T): T {
    const { slices } = this.#probe
    return start.slices === undefined || slices === undefined ? work() : slices.run(start.slices, work)
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

  /** A thread among several has a clock of its own where the platform can tell; the process's would count the others. */
  #read(mode: CpuMode): number {
    const probe = this.#probe
    if (mode !== 'process' && probe.shared && probe.threadCpuMicros !== undefined) return probe.threadCpuMicros()
    return probe.cpuMicros === undefined ? Number.NaN : probe.cpuMicros()
  }

  /** No run was open at the start, none has started since, and no other thread is in the reading. */
  #exclusive(start: CpuReading): boolean {
    const probe = this.#probe
    if (probe.shared && probe.threadCpuMicros === undefined) return false
    return start.alone && start.ticket === this.#tickets
  }
}
