/** Annotations over HTTP. Whoever draws some is told when one was made or removed on this page. */
import type { Annotation, AnnotationInput, AnnotationList } from '@telltale/protocol/api'
import type { Span } from './group.js'
import type { QueryClient } from './query-client.js'

const path = '/api/v1/annotations'
const listeners = new Set<() => void>()

export function onAnnotationsChanged(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function annotationsPath({ startMs, endMs }: Span): string {
  return `${path}?start=${Math.floor(startMs)}&end=${Math.ceil(endMs)}`
}

export class AnnotationsClient {
  readonly #queries: QueryClient

  constructor(queries: QueryClient) {
    this.#queries = queries
  }

  /** Those that touch the span, the latest first. */
  list(span: Span): Promise<AnnotationList> {
    return this.#queries.get(annotationsPath(span))
  }

  async create(input: AnnotationInput): Promise<Annotation> {
    const made = await this.#queries.send<Annotation>('POST', path, input)
    tell()
    return made
  }

  async remove(id: string): Promise<void> {
    await this.#queries.send('DELETE', `${path}/${encodeURIComponent(id)}`)
    tell()
  }
}

function tell(): void {
  for (const listener of [...listeners]) listener()
}
