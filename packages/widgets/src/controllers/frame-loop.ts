/** One `requestAnimationFrame` for every widget of the page: drawings asked for more than once happen once, and moving windows share a loop. */

const pending = new Set<() => void>()
const moving = new Set<() => void>()
let isScheduled = false

/** Draws in the next frame. */
export function requestDraw(draw: () => void): void {
  pending.add(draw)
  schedule()
}

/** Calls `step` in every frame until the returned function is called; `step` decides whether there is anything to draw. */
export function everyFrame(step: () => void): () => void {
  moving.add(step)
  schedule()
  return () => {
    moving.delete(step)
  }
}

function schedule(): void {
  if (isScheduled) return
  isScheduled = true
  requestAnimationFrame(run)
}

function run(): void {
  isScheduled = false
  const draws = [...pending]
  pending.clear()
  for (const draw of draws) draw()
  for (const step of [...moving]) step()
  if (moving.size > 0 || pending.size > 0) schedule()
}

/** Whether the reader asked for less motion. */
export function prefersStillness(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches
}
