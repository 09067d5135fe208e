/** Names that a mistyped name may have meant, for the messages of 404s. */

const maxNames = 3
/** Beyond this many names the search would cost more than the hint is worth. */
const maxCandidates = 10_000

export function nearNames(name: string, candidates: readonly string[]): string[] {
  const asked = name.toLowerCase()
  const maxDistance = Math.max(2, Math.floor(asked.length / 4))
  return candidates
    .slice(0, maxCandidates)
    .map((candidate) => ({ candidate, distance: distanceOf(asked, candidate.toLowerCase(), maxDistance) }))
    .filter(({ distance }) => distance <= maxDistance)
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, maxNames)
    .map(({ candidate }) => candidate)
}

/** One name that contains the other counts as one edit; everything else is the Levenshtein distance, cut off at `max`. */
function distanceOf(a: string, b: string, max: number): number {
  if (a.length >= 3 && b.length >= 3 && (a.includes(b) || b.includes(a))) return 1
  if (Math.abs(a.length - b.length) > max) return max + 1
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, substitution))
    }
    row = next
  }
  return row[b.length]!
}
