/**
 * Coarser steps before losses: the fuller the queue, the longer metrics are aggregated before they become a batch. A counter or
 * a histogram of five minutes takes the room of one of a second, and stays as exact; only its place in time is coarser.
 * So a day without a collector fits where an hour would have.
 */
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
