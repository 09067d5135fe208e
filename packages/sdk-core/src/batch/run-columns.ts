/**
 * The columns that every task run fills. They go from batch to batch, so that a run costs them no allocation; rows beyond
 * those of the batch are left from an earlier one. Small integers stay in plain arrays: the encoder sees one kind of them.
 */
const leastRows = 64

export class RunColumns {
  readonly type: number[] = []
  readonly status: number[] = []
  readonly id: number[] = []
  readonly cpuMethod: number[] = []
  startMs = new Float64Array(leastRows)
  durationMs = new Float64Array(leastRows)
  /** NaN where it was not measured, as in the next one. */
  memoryUsageMb = new Float64Array(leastRows)
  cpuTimeMs = new Float64Array(leastRows)

  /** Makes room for `row`. */
  reserve(row: number): void {
    if (row < this.startMs.length) return
    this.startMs = doubled(this.startMs)
    this.durationMs = doubled(this.durationMs)
    this.memoryUsageMb = doubled(this.memoryUsageMb)
    this.cpuTimeMs = doubled(this.cpuTimeMs)
  }
}

function doubled(column: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(column.length * 2)
  larger.set(column)
  return larger
}
