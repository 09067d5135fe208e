/** Columns that go from batch to batch hold nothing of the batch before. */
import { CpuMethod, TaskStatus } from '@telltale/protocol'
import { expect, it } from 'vitest'
import { Dictionary } from './dictionary.js'
import { RunColumns } from './run-columns.js'
import { type FinishedRun, TaskTable } from './task-table.js'

function run(id: number, over: Partial<FinishedRun> = {}): FinishedRun {
  return {
    type: 't',
    id: '',
    idPrefix: 'abcdef012345',
    idNumber: id,
    startMs: 1000 + id,
    durationMs: 2,
    status: TaskStatus.ok,
    errorType: '',
    errorMessage: '',
    cpuTimeMs: Number.NaN,
    cpuMethod: CpuMethod.none,
    memoryUsageMb: Number.NaN,
    details: undefined,
    ...over,
  }
}

const head = (column: ArrayLike<number> | undefined, count: number) => column && Array.from(column).slice(0, count)

it('a run without a reading has none, whatever stood in its place', () => {
  const runs = new RunColumns()
  const first = new TaskTable(new Dictionary(), runs)
  for (let i = 0; i < 200; i++) {
    const measured = { cpuTimeMs: 1, cpuMethod: CpuMethod.exclusive, memoryUsageMb: 80, status: TaskStatus.error }
    first.append(run(i, measured), undefined, () => false)
  }
  const whole = first.finish(5000, (ms) => ms + 1e6)
  expect(whole?.count).toBe(200)
  expect(head(whole?.timeMs, 200)).toEqual(Array.from({ length: 200 }, (_, i) => 1e6 + 1000 + i))
  expect(head(whole?.cpuUsagePercent, 2)).toEqual([50, 50])

  const second = new TaskTable(new Dictionary(), runs)
  second.append(run(1), undefined, () => false)
  second.append(run(2, { cpuTimeMs: 1, cpuMethod: CpuMethod.process }), undefined, () => false)
  // Written by a caller who keeps one object for all runs: the method is left from the one before.
  second.append(run(3, { cpuMethod: CpuMethod.process }), undefined, () => false)
  const next = second.finish(5000, (ms) => ms)
  expect(next?.count).toBe(3)
  expect(head(next?.status, 3)).toEqual([TaskStatus.ok, TaskStatus.ok, TaskStatus.ok])
  expect(head(next?.cpuTimeMs, 3)).toEqual([Number.NaN, 1, Number.NaN])
  expect(head(next?.cpuMethod, 3)).toEqual([CpuMethod.none, CpuMethod.process, CpuMethod.none])
  expect(next?.memoryUsageMb).toBeUndefined()
})
