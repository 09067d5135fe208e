/** CPU and memory of runs: who else ran decides how far a reading can be trusted. */
import { CpuMethod } from '@telltale/protocol'
import { beforeEach, describe, expect, it } from 'vitest'
import { type CpuStart, TaskResources } from './task-resources.js'

let micros: number
let reads: { cpu: number; memory: number }
let resources: TaskResources

beforeEach(() => {
  micros = 0
  reads = { cpu: 0, memory: 0 }
  resources = new TaskResources({
    cpuMicros: () => {
      reads.cpu++
      return micros
    },
    residentBytes: () => {
      reads.memory++
      return 50e6
    },
  })
})

const start = (): CpuStart => ({ reading: undefined, slices: undefined })

describe('CPU time', () => {
  it('is exclusive where no other run was open meanwhile', () => {
    const run = start()
    resources.begin('auto', 10, run)
    micros += 5000
    expect(resources.end('auto', run)).toBe(5)
    expect(resources.method('auto', run)).toBe(CpuMethod.exclusive)
  })

  it('is of the process where runs overlap, for the first as for the second', () => {
    const [first, second] = [start(), start()]
    resources.begin('auto', 10, first)
    resources.begin('auto', 20, second)
    micros += 3000
    expect([resources.end('auto', second), resources.method('auto', second)]).toEqual([3, CpuMethod.process])
    expect([resources.end('auto', first), resources.method('auto', first)]).toEqual([3, CpuMethod.process])
    const third = start()
    resources.begin('auto', 30, third)
    resources.end('auto', third)
    expect(resources.method('auto', third)).toBe(CpuMethod.exclusive)
  })

  it("is left out by 'exclusive' where runs overlap, an unmeasured one included, and by 'off'", () => {
    const [measured, other] = [start(), start()]
    resources.begin('exclusive', 10, measured)
    resources.begin('off', 20, other)
    expect(resources.end('off', other)).toBeNaN()
    expect(resources.end('exclusive', measured)).toBeNaN()
    const alone = start()
    resources.begin('exclusive', 30, alone)
    expect(resources.end('exclusive', alone)).toBe(0)
  })

  it("is always called the process's by 'process'", () => {
    const run = start()
    resources.begin('process', 10, run)
    resources.end('process', run)
    expect(resources.method('process', run)).toBe(CpuMethod.process)
  })

  it("is read by 'auto' for one run a millisecond at most", () => {
    for (let i = 0; i < 1000; i++) {
      const run = start()
      resources.begin('auto', i / 100, run)
      resources.end('auto', run)
    }
    expect(reads.cpu).toBeGreaterThanOrEqual(18)
    expect(reads.cpu).toBeLessThanOrEqual(20)
  })

  it('is never negative', () => {
    const run = start()
    micros = 100
    resources.begin('process', 10, run)
    micros = 50
    expect(resources.end('process', run)).toBe(0)
  })
})

describe('memory', () => {
  it('is read four times a second at most', () => {
    for (let nowMs = 0; nowMs < 1000; nowMs += 10) expect(resources.memoryMb(nowMs)).toBe(50)
    expect(reads.memory).toBe(4)
  })

  it('is absent where the platform has none', () => {
    expect(new TaskResources({}).memoryMb(0)).toBeNaN()
  })
})
