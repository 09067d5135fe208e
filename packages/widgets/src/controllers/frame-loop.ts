/**
 * One `requestAnimationFrame` for every widget of the page: drawings asked for more than once happen once, and moving windows
 * share a loop that sleeps until the first of them has come on by a pixel.
 */

const pending = new Set<() => void>()
const moving = new Set<() => number>()
let isScheduled = false
let sleep: ReturnType<typeof setTimeout> | undefined
let wantsStillness: boolean | undefined

/** A frame is at most this long away once it is asked for; shorter sleeps are not worth a timer. */
const frameMs = 17

/** Draws in the next frame. */
export function requestDraw(draw: () => void): void {
  pending.add(draw)
  schedule()
}

/** Calls `step` in a frame, and again when as many ms have gone as it gave back, until the returned function is called. */
export function everyFrame(step: () => number): () => void {
  moving.add(step)
  schedule()
  return () => {
    moving.delete(step)
  }
}

function schedule(): void {
  if (isScheduled) return
  isScheduled = true
  clearTimeout(sleep)
  sleep = undefined
  requestAnimationFrame(run)
}

function run(): void {
  isScheduled = false
  const draws = [...pending]
  pending.clear()
  for (const draw of draws) draw()
  let waitMs = Number.POSITIVE_INFINITY
  for (const step of [...moving]) waitMs = Math.min(waitMs, step())
  if (pending.size > 0 || waitMs <= frameMs) schedule()
  else if (moving.size > 0 && !isScheduled) sleep = setTimeout(schedule, waitMs - frameMs)
}

/** Whether the reader asked for less motion. */
export function prefersStillness(): boolean {
  if (wantsStillness === undefined) {
    const query = matchMedia('(prefers-reduced-motion: reduce)')
    wantsStillness = query.matches
    // Told, not asked in every frame: asking makes the browser work out styles and layout.
    query.addEventListener('change', () => {
      wantsStillness = query.matches
    })
  }
  return wantsStillness
}
