/** What a chart says of itself in its header, and in the place of a picture that it can't draw yet. */
import { html, type TemplateResult } from 'lit'
import type { WidgetState } from '../../controllers/widget-state.js'
import { messages } from '../shared/messages.js'
import { sampleCode } from '../shared/sample-code.js'
import { emptyState, errorState } from '../shared/states.js'
import type { SeriesSpec } from './series-spec.js'

export function subtitle([first, second]: readonly SeriesSpec[], title: string, range: string): string {
  if (!first || second) return range
  const by = first.groupBy ? ` ${messages.by(first.groupBy)}` : ''
  return [title ? first.metric : '', `${first.aggregation}${by}`, range].filter(Boolean).join(' · ')
}

export function stateView(
  state: WidgetState,
  feed: { specs: readonly SeriesSpec[]; retry(): void },
  isLive: boolean,
  range: string,
): TemplateResult {
  const [first] = feed.specs
  if (state.phase === 'error') return errorState(state, () => feed.retry())
  if (!first) return emptyState(messages.noMetric, '')
  if (state.phase !== 'empty') {
    return html`<div class="bone waiting" role="status" aria-label=${messages.loading}></div>`
  }
  if (!isLive) return emptyState(messages.emptyWindow, first.metric)
  const { metric, aggregation } = first
  return emptyState(messages.emptyTitle(range), messages.emptyMetric(metric), sampleCode(metric, aggregation))
}
