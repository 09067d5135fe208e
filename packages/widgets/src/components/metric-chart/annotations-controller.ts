/** Annotations of a chart: given by the page, or kept by the collector and asked for with the window. */

import type { LitElement, ReactiveController } from 'lit'
import { paintAnnotations, toAnnotations } from '../../chart/annotations.js'
import type { PlotColors } from '../../chart/colors.js'
import type { Annotation } from '../../chart/marks.js'
import type { PlotStyle } from '../../chart/painter.js'
import { annotationsPath, onAnnotationsChanged } from '../../client/annotations-client.js'
import type { Span } from '../../client/group.js'
import { queriesOf } from '../../client/query-client.js'
import type { ClientController } from '../../controllers/client-controller.js'

export interface AnnotationWishes {
  /** True: the collector's; a list: these. */
  wanted(): boolean | readonly object[]
  window(): Span
}

/** Others write annotations too: how often the collector's are asked again. */
const refreshMs = 30_000

export class AnnotationsController implements ReactiveController {
  readonly #host: LitElement
  readonly #source: ClientController
  readonly #wishes: AnnotationWishes
  #given: boolean | readonly object[] = false
  #asked = ''
  #askedMs = 0
  #stop: (() => void) | undefined

  annotations: readonly Annotation[] = []

  constructor(host: LitElement, source: ClientController, wishes: AnnotationWishes) {
    this.#host = host
    this.#source = source
    this.#wishes = wishes
    host.addController(this)
  }

  painter(colors: PlotColors): PlotStyle['beneath'] {
    return (context, frame, area, ratio) => paintAnnotations(context, this.annotations, frame, area, ratio, colors)
  }

  hostConnected(): void {
    this.#stop = onAnnotationsChanged(() => {
      this.#asked = ''
      this.#host.requestUpdate()
    })
  }

  hostDisconnected(): void {
    this.#stop?.()
  }

  hostUpdate(): void {
    const wanted = this.#wishes.wanted()
    if (wanted === this.#given) return
    this.#given = wanted
    this.#asked = ''
    this.annotations = Array.isArray(wanted) ? toAnnotations(wanted) : []
  }

  hostUpdated(): void {
    const { client } = this.#source
    if (this.#given !== true || !client) return
    const { startMs, endMs } = this.#wishes.window()
    // Twice the window, and the same until it has moved by half: a moving window would otherwise ask all the time.
    const halfMs = Math.max(1, (endMs - startMs) / 2)
    const from = Math.floor(startMs / halfMs - 1) * halfMs
    const to = Math.ceil(endMs / halfMs + 1) * halfMs
    const path = annotationsPath({ startMs: from, endMs: to })
    if (path === this.#asked && Date.now() - this.#askedMs < refreshMs) return
    this.#asked = path
    this.#askedMs = Date.now()
    queriesOf(client)
      .get<{ data?: unknown[] }>(path)
      .then(
        ({ data }) => {
          if (path !== this.#asked) return
          this.annotations = toAnnotations(data ?? [])
          this.#host.requestUpdate()
        },
        // A chart without its annotations is still a chart; the next round asks again.
        () => undefined,
      )
  }
}
