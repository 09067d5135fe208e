/** Batches for tests: a small builder over the wire's shapes. */
import { type Batch, encodeBatch, Kind, type KindCode } from '@telltale/protocol'

export const nowMs = Date.UTC(2026, 2, 1, 12)

export interface TestSeries {
  name: string
  kind?: KindCode
  unit?: string
  attributes?: Record<string, string>
}

/** A batch with these series and this resource, and the tables that `fill` adds by its dictionary. */
export function testBatch(
  series: TestSeries[],
  fill: (batch: Batch, ref: (text: string) => number) => void,
  { resource = {}, id = 1, sequence = 0 }: { resource?: Record<string, string>; id?: number; sequence?: number } = {},
): Uint8Array {
  const strings = ['']
  const ref = (text: string) => {
    const known = strings.indexOf(text)
    return known === -1 ? strings.push(text) - 1 : known
  }
  const flat = (record: Record<string, string>) =>
    Object.entries(record).flatMap(([key, value]) => [ref(key), ref(value)])
  const batch: Batch = {
    sentTimeMs: nowMs,
    batchId: new Uint8Array(16).fill(id),
    streamId: new Uint8Array(16).fill(7),
    sequence,
    baseTimeMs: nowMs,
    strings,
    resource: flat(resource),
    series: series.map(({ name, kind = Kind.gauge, unit = '', attributes = {} }) => ({
      name: ref(name),
      kind,
      unit: ref(unit),
      description: 0,
      attributes: flat(attributes),
    })),
    drops: [],
  }
  fill(batch, ref)
  return encodeBatch(batch)
}

/** Samples of these series: `[series, value, timeMs]`. */
export function sampleBatch(
  series: TestSeries[],
  rows: [series: number, value: number, timeMs?: number][],
  options?: Parameters<typeof testBatch>[2],
): Uint8Array {
  return testBatch(
    series,
    (batch) => {
      batch.samples = {
        count: rows.length,
        series: rows.map(([at]) => at),
        value: rows.map(([, value]) => value),
        timeMs: rows.map(([, , timeMs = nowMs]) => timeMs),
      }
    },
    options,
  )
}

export interface TestRun {
  type?: string
  status?: number
  startMs?: number
  durationMs?: number
  errorType?: string
  queueWaitMs?: number
  cpuTimeMs?: number
  cpuUsagePercent?: number
  memoryUsageMb?: number
}

export function taskBatch(runs: TestRun[], options?: Parameters<typeof testBatch>[2]): Uint8Array {
  return testBatch(
    [],
    (batch, ref) => {
      const column = (pick: (run: TestRun) => number | undefined) => runs.map((run) => pick(run) ?? Number.NaN)
      batch.tasks = {
        count: runs.length,
        type: runs.map(({ type = 'email.send' }) => ref(type)),
        timeMs: runs.map(({ startMs = nowMs - 1000 }) => startMs),
        durationMs: runs.map(({ durationMs = 100 }) => durationMs),
        status: runs.map(({ status = 1 }) => status),
        id: runs.map((_, row) => ref(`run-${row}`)),
        errorType: runs.map(({ errorType = '' }) => ref(errorType)),
        queueWaitMs: column((run) => run.queueWaitMs),
        cpuTimeMs: column((run) => run.cpuTimeMs),
        cpuUsagePercent: column((run) => run.cpuUsagePercent),
        memoryUsageMb: column((run) => run.memoryUsageMb),
        attributes: [],
      }
    },
    options,
  )
}

export const testSettings = {
  maxAgeMs: 24 * 3_600_000,
  maxAheadMs: 600_000,
  maxSeriesPerMetric: 100,
  maxSeriesPerProject: 1000,
}
