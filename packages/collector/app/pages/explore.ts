/** `/explore`: any metric, asked in any way; the address says what is asked. */
import { html, render } from 'lit'
import { head, type ShowPage } from './page.js'

export const showExplore: ShowPage = ({ root }) => {
  const parameters = new URLSearchParams(location.search)
  const value = (name: string) => parameters.get(name) ?? ''
  render(
    html`${head('Explore', 'Pick a metric, split it, filter it, and take the tag with you.')}
      <h2 class="unseen">A metric</h2>
      <metric-explorer
        metric=${value('metric')} aggregation=${value('aggregation')} group-by=${value('group-by')}
        range=${value('range') || '1h'}
      ></metric-explorer>`,
    root,
  )
  const explorer = root.querySelector('metric-explorer')
  const remember = (event: Event) => {
    const detail = (event as CustomEvent<Record<string, unknown>>).detail
    const url = new URL(location.href)
    for (const [name, key] of [
      ['metric', 'metric'],
      ['aggregation', 'aggregation'],
      ['group-by', 'groupBy'],
      ['range', 'range'],
    ] as const) {
      const text = String(detail[key] ?? '')
      if (text) url.searchParams.set(name, text)
      else url.searchParams.delete(name)
    }
    history.replaceState(history.state, '', url)
  }
  explorer?.addEventListener('metric-explore', remember)
  return undefined
}
