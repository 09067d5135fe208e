/** Chance, in the shapes that the demo needs. */

export function chance(probability: number): boolean {
  return Math.random() < probability
}

export function pick<T>(choices: readonly T[]): T {
  return choices[Math.floor(Math.random() * choices.length)]
}

/** Picks a key with the probability of its weight. */
export function pickWeighted<K extends string>(weights: Readonly<Partial<Record<K, number>>>): K {
  const entries = Object.entries(weights) as [K, number][]
  let left = Math.random() * entries.reduce((sum, [, weight]) => sum + weight, 0)
  for (const [key, weight] of entries) {
    left -= weight
    if (left < 0) return key
  }
  return entries[entries.length - 1][0]
}

export function between(least: number, most: number): number {
  return least + Math.random() * (most - least)
}

/** Most near the median, few far above it, as latencies and prices are: exp of a normal distribution. */
export function logNormal(median: number, spread: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random())
  return median * Math.exp(spread * normal)
}
