/**
 * Times functions in turns: in every round each of them runs once, in an order that rotates, so that a noisy minute of the machine
 * hits all of them alike. Reports medians.
 */

/** Keeps results alive, so that the optimiser cannot drop the work. */
export const sink = { value: undefined }

const middle = (values) => values.toSorted((a, b) => a - b)[values.length >> 1]

/**
 * `contenders`: name → function. Returns name → { ns: median nanoseconds a call, low, high: quartiles }.
 * `perCall` divides: the items that one call handles.
 */
export function interleave(contenders, { rounds = 21, roundMs = 12, perCall = 1 } = {}) {
  const entries = Object.entries(contenders).map(([name, run]) => ({
    name,
    run,
    calls: calibrate(run, roundMs),
    times: [],
  }))
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[(i + round) % entries.length]
      entry.times.push(time(entry.run, entry.calls) / perCall)
    }
  }
  return Object.fromEntries(
    entries.map(({ name, times }) => {
      const sorted = times.toSorted((a, b) => a - b)
      return [name, { ns: middle(times), low: sorted[rounds >> 2], high: sorted[rounds - 1 - (rounds >> 2)] }]
    }),
  )
}

/** Nanoseconds a call. */
function time(run, calls) {
  const startedAt = performance.now()
  for (let i = 0; i < calls; i++) sink.value = run()
  return ((performance.now() - startedAt) * 1e6) / calls
}

/** Warms up, and finds how many calls fill a round. */
function calibrate(run, roundMs) {
  let calls = 1
  let lasted = 0
  while (lasted < roundMs) {
    const startedAt = performance.now()
    for (let i = 0; i < calls; i++) sink.value = run()
    lasted = performance.now() - startedAt
    if (lasted < roundMs) calls = Math.ceil(calls * Math.min(8, Math.max(1.2, roundMs / Math.max(lasted, 0.01))))
  }
  return calls
}

/** Bytes of heap a call, over many calls; needs --expose-gc, without it undefined. */
export function bytesPerCall(run, calls = 200_000) {
  if (globalThis.gc === undefined) return undefined
  for (let i = 0; i < Math.min(1000, calls); i++) run(i)
  globalThis.gc()
  const before = process.memoryUsage().heapUsed
  for (let i = 0; i < calls; i++) run(i)
  return Math.max(0, (process.memoryUsage().heapUsed - before) / calls)
}
