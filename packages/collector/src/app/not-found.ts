/** Answers for paths and methods that no route has: which methods there are, or which path was probably meant. */
import { TelltaleError } from '../errors.js'
import type { Route } from './route.js'
import { streamPath } from './upgrade.js'

interface KnownPath {
  path: string
  pattern: RegExp
  methods: string[]
}

export class PathIndex {
  readonly #paths: KnownPath[] = []

  constructor(routes: readonly Route[]) {
    for (const { path, method } of routes) {
      const known = this.#paths.find((candidate) => candidate.path === path)
      const methods = method === 'GET' ? ['GET', 'HEAD'] : [method]
      if (known) known.methods.push(...methods)
      else this.#paths.push({ path, pattern: new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}/?$`), methods })
    }
  }

  /** Methods of this path; empty where the path is unknown. */
  methods(path: string): string[] {
    return this.#paths.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods)
  }

  notFound(method: string, path: string): TelltaleError {
    const shown = path.slice(0, 200)
    if (path === streamPath) {
      return new TelltaleError('not_found', `${streamPath} takes WebSocket connections; open it with ws://`)
    }
    const near = this.#near(path)
    const advice = near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'see /openapi.json for what there is'
    return new TelltaleError('not_found', `There is no ${method} ${shown}; ${advice}`, {
      details: near.length > 0 ? { near } : undefined,
    })
  }

  #near(path: string): string[] {
    const asked = path.toLowerCase().slice(0, 200)
    return this.#paths
      .map((known) => ({ path: known.path, distance: editDistance(asked, known.path) }))
      .filter(({ distance, path: known }) => distance <= Math.max(2, known.length / 4))
      .sort((a, b) => a.distance - b.distance)
      .slice(0, 2)
      .map((candidate) => candidate.path.replace(/:(\w+)/g, '{$1}'))
  }
}

export function methodNotAllowed(method: string, path: string, allowed: readonly string[]): TelltaleError {
  return new TelltaleError('method_not_allowed', `${path.slice(0, 200)} takes ${allowed.join(', ')}, not ${method}`)
}

/** Levenshtein distance: insertions, deletions and replacements. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)
      current.push(Math.min(previous[j] + 1, current[j - 1] + 1, replaced))
    }
    previous = current
  }
  return previous[b.length]
}
