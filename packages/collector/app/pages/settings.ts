/** `/settings`: who one is, keys, embed tokens with a live preview, and how much room the data takes. */
import { html, nothing, render, type TemplateResult } from 'lit'
import { ago, bytes, copyFrom, failure, head, loading, type PageContext, type ShowPage } from './page.js'

interface Key {
  id: string
  scope: string
  publishable: boolean
  created_at: string
  last_used_at: string | null
  revoked_at: string | null
}

interface Storage {
  journal_bytes: number
  hot_rows: number
  segments: number
  segment_bytes: number
  damaged_segments: number
  tables: { table: string; segments: number; bytes: number; rows: number }[]
}

/** A part of the page with an answer of its own, so that what may not be seen does not hide what may. */
interface Part<T> {
  value?: T
  error?: unknown
}

export const showSettings: ShowPage = (context) => {
  const { root, api, isCurrent } = context
  const keys: Part<Key[]> = {}
  const storage: Part<Storage> = {}
  let project = ''
  let made: { key: string } | undefined
  let token: { token: string; expires_at: string } | undefined
  let tokenError: unknown
  let asked = { metrics: 'task.*', filter: '', ttl: '15m', maxRange: '' }

  const loadInto = async <T>(part: Part<T>, path: string, pick: (answer: never) => T) => {
    try {
      part.value = pick(await api.get<never>(path))
      part.error = undefined
    } catch (error) {
      part.error = error
    }
    draw()
  }
  const loadKeys = () => loadInto(keys, '/api/v1/keys', ({ data }: { data: Key[] }) => data)
  const loadStorage = () => loadInto(storage, '/api/v1/storage', (answer: Storage) => answer)

  const makeKey = async (event: SubmitEvent) => {
    event.preventDefault()
    const form = new FormData(event.target as HTMLFormElement)
    const [scope, kind] = String(form.get('scope')).split(' ')
    try {
      made = await api.send<{ key: string }>('POST', '/api/v1/keys', { scope, publishable: kind === 'publishable' })
      await loadKeys()
    } catch (error) {
      keys.error = error
      draw()
    }
  }
  const revoke = async ({ id }: Key) => {
    await api.send('DELETE', `/api/v1/keys/${id}`).catch((error) => {
      keys.error = error
    })
    await loadKeys()
  }
  const makeToken = async (event: SubmitEvent) => {
    event.preventDefault()
    const form = new FormData(event.target as HTMLFormElement)
    const text = (name: string) => String(form.get(name) ?? '').trim()
    asked = { metrics: text('metrics'), filter: text('filter'), ttl: text('ttl'), maxRange: text('max-range') }
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
      })
      tokenError = undefined
    } catch (error) {
      token = undefined
      tokenError = error
    }
    draw()
  }

  const draw = () => {
    if (!isCurrent()) return
    render(
      html`${head('Settings', project ? `Project ${project}` : '')}
        <div class="settings">
          <section aria-labelledby="keys-title"><h2 id="keys-title">Keys</h2>${keysView()}</section>
          <section aria-labelledby="embed-title" id="embed"><h2 id="embed-title">Embed tokens</h2>${tokenView()}</section>
          <section aria-labelledby="storage-title"><h2 id="storage-title">Storage</h2>${storageView()}</section>
        </div>`,
      root,
    )
  }

  const keysView = (): TemplateResult => {
    if (keys.error) return failure(keys.error, () => void loadKeys())
    if (!keys.value) return loading(2)
    const inForce = keys.value.filter(({ revoked_at }) => revoked_at === null)
    return html`<p>A key belongs to this project. Servers send with <code>ingest</code>, dashboards read with <code>read</code>, people manage with <code>admin</code>.</p>
      <form class="row" @submit=${makeKey}>
        <label class="pick"><span>Scope</span><select name="scope">
          <option value="ingest">ingest</option><option value="ingest publishable">ingest, for pages</option><option value="read">read</option><option value="admin">admin</option>
        </select></label>
        <button class="primary">Make a key</button>
      </form>
      ${made ? secret('Copy it now: it is shown this once.', made.key) : nothing}
      <div class="scroll" tabindex="0" role="region" aria-label="Keys"><table class="list">
        <thead><tr><th scope="col">Key</th><th scope="col">Scope</th><th scope="col">Made</th><th scope="col">Last used</th><th><span class="unseen">Revoke</span></th></tr></thead>
        <tbody>${inForce.map(
          (
            key,
          ) => html`<tr><td><code>${key.id}</code></td><td>${key.scope}${key.publishable ? ' (publishable)' : ''}</td><td>${ago(key.created_at)}</td><td>${ago(key.last_used_at)}</td>
            <td class="number"><button class="link" @click=${() => void revoke(key)} aria-label="Revoke ${key.id}">Revoke</button></td></tr>`,
        )}</tbody>
      </table></div>`
  }

  const tokenView =
    (): TemplateResult => html`<p>A token for a page of yours: it sees what you name here and nothing else, for at most a day. Your server asks for one with its key.</p>
    <form class="row" @submit=${makeToken}>
      <label class="pick grow"><span>Metrics</span><input name="metrics" .value=${asked.metrics} placeholder="task.*, orders.paid" required /></label>
      <label class="pick grow"><span>Only where</span><input name="filter" .value=${asked.filter} placeholder="org.id=acme" /></label>
      <label class="pick"><span>Longest range</span><input name="max-range" size="6" .value=${asked.maxRange} placeholder="any" /></label>
      <label class="pick"><span>Good for</span><input name="ttl" size="6" .value=${asked.ttl} required /></label>
      <button class="primary">Make a token</button>
    </form>
    ${tokenError ? html`<p class="error" role="alert">${(tokenError as Error).message}</p>` : nothing}
    ${token ? preview(token) : nothing}`

  const preview = ({ token: text, expires_at }: { token: string; expires_at: string }): TemplateResult => {
    const metric = asked.metrics
      .split(',')[0]!
      .trim()
      .replace(/^task\.\*$/, 'task.execution.duration')
      .replace(/\.?\*$/, '')
    const snippet = [
      `<script type="module" src="${location.origin}/widgets.js"></script>`,
      `<metric-provider endpoint="${location.origin}" token="${text}">`,
      `  <metric-chart metric="${metric}" range="${asked.maxRange || '1h'}"></metric-chart>`,
      '</metric-provider>',
    ].join('\n')
    return html`${secret(`Good until ${new Date(expires_at).toLocaleTimeString()}.`, text)}
      <div class="two">
        <div class="snippet"><pre><code>${snippet}</code></pre><button class="quiet" @click=${(event: Event) => copyFrom(event.target as HTMLButtonElement, snippet)}>Copy</button></div>
        <metric-provider endpoint=${location.origin} token=${text}><metric-chart title="As the page sees it" metric=${metric} range=${asked.maxRange || '1h'}></metric-chart></metric-provider>
      </div>`
  }

  const storageView = (): TemplateResult => {
    if (storage.error) return failure(storage.error, () => void loadStorage())
    if (!storage.value) return loading(2)
    const { segment_bytes, journal_bytes, hot_rows, segments, damaged_segments, tables } = storage.value
    const largest = Math.max(1, ...tables.map((table) => table.bytes))
    return html`<dl class="figures">
        <div><dt>On disk</dt><dd>${bytes(segment_bytes + journal_bytes)}</dd></div>
        <div><dt>Files</dt><dd>${segments.toLocaleString('en')}</dd></div>
        <div><dt>Rows in memory</dt><dd>${hot_rows.toLocaleString('en')}</dd></div>
        <div><dt>Damaged files</dt><dd class=${damaged_segments > 0 ? 'bad' : ''}>${damaged_segments}</dd></div>
      </dl>
      <div class="scroll" tabindex="0" role="region" aria-label="Tables"><table class="list">
        <thead><tr><th scope="col">Table</th><th scope="col" class="number">Rows</th><th scope="col" class="number">Bytes</th><th scope="col">Share</th></tr></thead>
        <tbody>${tables
          .filter((table) => table.rows > 0)
          .sort((a, b) => b.bytes - a.bytes)
          .map(
            (
              table,
            ) => html`<tr><td><code>${table.table}</code></td><td class="number">${table.rows.toLocaleString('en')}</td><td class="number">${bytes(table.bytes)}</td>
              <td class="share"><meter min="0" max=${largest} .value=${table.bytes} aria-label="${table.table}"></meter></td></tr>`,
          )}</tbody>
      </table></div>`
  }

  draw()
  void loadKeys()
  void loadStorage()
  void whoAmI(context).then((name) => {
    project = name
    draw()
  })
  return undefined
}

function secret(text: string, value: string): TemplateResult {
  return html`<div class="secret"><p>${text}</p>
    <div class="snippet"><pre><code>${value}</code></pre><button class="quiet" @click=${(event: Event) => copyFrom(event.target as HTMLButtonElement, value)}>Copy</button></div>
  </div>`
}

async function whoAmI({ api }: PageContext): Promise<string> {
  return api.get<{ project: string }>('/api/v1/whoami').then(
    ({ project }) => project,
    () => '',
  )
}
