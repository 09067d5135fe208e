/** One `requestAnimationFrame` for every widget of the page: drawings asked for more than once happen once, and moving windows share a loop. */

const pending = new Set<() => void>()
const moving = new Set<() => void>()
let handle = 0

/** Draws in the next frame. */
export function requestDraw(draw: () => void): void {
  pending.add(draw)
  handle ||= requestAnimationFrame(run)
}

/** Calls `step` in every frame until the returned function is called; `step` decides whether there is anything to draw. */
export function everyFrame(step: () => void): () => void {
  moving.add(step)
  handle ||= requestAnimationFrame(run)
  return () => {
    moving.delete(step)
  }
}

function run(): void {
  handle = 0
  const draws = [...pending]
  pending.clear()
  for (const draw of draws) draw()
  for (const step of [...moving]) step()
  if (moving.size > 0 || pending.size > 0) handle ||= requestAnimationFrame(run)
}

/** Whether the reader asked for less motion. */
export function prefersStillness(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches
}
