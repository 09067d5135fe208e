/**
 * Coarser steps before losses: the fuller the queue, the longer metrics are aggregated before they become a batch; and where it
 * is full, those that wait are merged. A counter or a histogram of five minutes takes the room of one of a second, and
 * stays as exact; only its place in time is coarser. So a day without a collector fits where an hour would have.
 */
import type { SealedBatch } from '../batch/sealed-batch.js'

const steps = [
  { fill: 0.9, stepMs: 900_000 },
  { fill: 0.75, stepMs: 300_000 },
  { fill: 0.5, stepMs: 60_000 },
  { fill: 0.25, stepMs: 10_000 },
]

/** How long metrics are to be gathered, at the least; 0: no longer than the flush interval. */
export function coarserStepMs(fill: number): number {
  for (const step of steps) if (fill >= step.fill) return step.stepMs
  return 0
}

/** Merging takes time on the main thread, so that it is done in small portions. */
const maxMerged = 32

/**
 * Batches that are to become one: the first that follow each other and together are within the shortest step for which there are
 * any. Batches of other data may lie between them. Undefined where metrics are as coarse as they may become.
 */
export function groupToMerge(
  waiting: readonly SealedBatch[],
  isWhole: (batch: SealedBatch) => boolean,
): SealedBatch[] | undefined {
  for (let i = steps.length - 1; i >= 0; i--) {
    const group = groupWithin(steps[i].stepMs, waiting, isWhole)
    if (group !== undefined) return group
  }
  return undefined
}

function groupWithin(
  stepMs: number,
  waiting: readonly SealedBatch[],
  isWhole: (batch: SealedBatch) => boolean,
): SealedBatch[] | undefined {
  let group: SealedBatch[] = []
  for (const batch of waiting) {
    if (batch.interval === undefined) continue
    // The collector may have one that was sent: it must stay as it is, and is nothing that others could reach across.
    if (batch.attempted || isWhole(batch)) {
      if (group.length > 1) return group
      group = []
      continue
    }
    const joins =
      group.length > 0 &&
      group.length < maxMerged &&
      group[0].skewMs === batch.skewMs &&
      batch.interval.endMs - (group[0].interval?.startMs ?? 0) <= stepMs
    if (joins) group.push(batch)
    else {
      if (group.length > 1) return group
      group = [batch]
    }
  }
  return group.length > 1 ? group : undefined
}
