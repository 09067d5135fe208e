/** Embed tokens: made here to try what a page of one's own would see, with the snippet to paste and a live preview. */
import { html, nothing, type TemplateResult } from 'lit'
import { secret, snippet } from '../page.js'
import type { PartContext, SettingsPart } from './part.js'

export function tokensPart({ api, changed }: PartContext): SettingsPart {
  let token: { token: string; expires_at: string } | undefined
  let error: unknown
  let asked = { metrics: 'task.*', filter: '', ttl: '15m', maxRange: '', annotations: false }

  const make = async (event: SubmitEvent) => {
    event.preventDefault()
    const form = new FormData(event.target as HTMLFormElement)
    const text = (name: string) => String(form.get(name) ?? '').trim()
    asked = {
      ...{ metrics: text('metrics'), filter: text('filter'), ttl: text('ttl'), maxRange: text('max-range') },
      annotations: form.has('annotations'),
    }
    const at = asked.filter.indexOf('=')
    try {
      token = await api.send('POST', '/api/v1/embed-tokens', {
        metrics: asked.metrics
          .split(',')
          .map((name) => name.trim())
          .filter((name) => name !== ''),
        ...(at > 0 ? { filters: { [asked.filter.slice(0, at)]: asked.filter.slice(at + 1) } } : {}),
        ...(asked.maxRange ? { max_range: asked.maxRange } : {}),
        ttl: asked.ttl,
        annotations: asked.annotations,
      })
      error = undefined
    } catch (cause) {
      token = undefined
      error = cause
    }
    changed()
  }

  const preview = ({ token: text, expires_at }: { token: string; expires_at: string }): TemplateResult => {
    const metric = asked.metrics
      .split(',')[0]!
      .trim()
      .replace(/^(task\.)?\*$/, 'task.execution.duration')
      .replace(/\.?\*$/, '')
    const range = asked.maxRange || '1h'
    const tags = [
      `<script type="module" src="${location.origin}/widgets.js"></script>`,
      `<metric-provider endpoint="${location.origin}" token="${text}">`,
      `  <metric-chart metric="${metric}" range="${range}"${asked.annotations ? ' annotations' : ''}></metric-chart>`,
      '</metric-provider>',
    ].join('\n')
    return html`${secret(`Good until ${new Date(expires_at).toLocaleTimeString()}.`, text)}
      <div class="two">
        ${snippet(tags)}
        <metric-provider endpoint=${location.origin} token=${text}><metric-chart title="As the page sees it" metric=${metric} range=${range} ?annotations=${asked.annotations}></metric-chart></metric-provider>
      </div>`
  }

  return {
    load: async () => {},
    view: () => html`<p>A token for a page of yours: it sees what you name here and nothing else, for at most a day. Your server asks for one with its key.</p>
      <form class="row" @submit=${make}>
        <label class="pick grow"><span>Metrics</span><input name="metrics" .value=${asked.metrics} placeholder="task.*, orders.paid" required /></label>
        <label class="pick grow"><span>Only where</span><input name="filter" .value=${asked.filter} placeholder="org.id=acme" /></label>
        <label class="pick"><span>Longest range</span><input name="max-range" size="6" .value=${asked.maxRange} placeholder="any" /></label>
        <label class="pick"><span>Good for</span><input name="ttl" size="6" .value=${asked.ttl} required /></label>
        <label class="switch"><input type="checkbox" name="annotations" .checked=${asked.annotations} /> annotations</label>
        <button class="primary">Make a token</button>
      </form>
      ${error ? html`<p class="error" role="alert">${(error as Error).message}</p>` : nothing}
      ${token ? preview(token) : nothing}`,
  }
}
