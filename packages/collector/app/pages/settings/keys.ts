/** Keys: who may send, read and manage. A key is shown once, when it is made. */
import { html, nothing, type TemplateResult } from 'lit'
import { ago, confirmation, failure, loading, secret } from '../page.js'
import type { PartContext, SettingsPart } from './part.js'

interface Key {
  id: string
  scope: string
  publishable: boolean
  created_at: string
  last_used_at: string | null
  revoked_at: string | null
}

export function keysPart({ api, changed }: PartContext): SettingsPart {
  let keys: Key[] | undefined
  let error: unknown
  let made: string | undefined
  let revoking: Key | undefined

  const load = async () => {
    try {
      keys = (await api.get<{ data: Key[] }>('/api/v1/keys')).data
      error = undefined
    } catch (cause) {
      error = cause
    }
    changed()
  }
  const make = async (event: SubmitEvent) => {
    event.preventDefault()
    const form = new FormData(event.target as HTMLFormElement)
    const [scope, kind] = String(form.get('scope')).split(' ')
    try {
      made = (await api.send<{ key: string }>('POST', '/api/v1/keys', { scope, publishable: kind === 'publishable' }))
        .key
      await load()
    } catch (cause) {
      error = cause
      changed()
    }
  }
  const revoke = async ({ id }: Key) => {
    revoking = undefined
    await api.send('DELETE', `/api/v1/keys/${id}`).catch((cause) => {
      error = cause
    })
    await load()
  }
  const ask = (key: Key | undefined) => {
    revoking = key
    changed()
  }

  const row = (key: Key): TemplateResult => html`<tr>
    <td><code>${key.id}</code></td><td>${key.scope}${key.publishable ? ' (publishable)' : ''}</td><td>${ago(key.created_at)}</td><td>${ago(key.last_used_at)}</td>
    <td class="number"><button class="link" @click=${() => ask(key)} aria-label="Revoke ${key.id}">Revoke</button></td>
  </tr>`

  return {
    needs: 'admin',
    load,
    view() {
      if (error) return failure(error, () => void load())
      if (!keys) return loading(2)
      const revoked = keys.filter(({ revoked_at }) => revoked_at !== null).length
      return html`<p>A key belongs to this project. Servers send with <code>ingest</code>, dashboards read with <code>read</code>, people manage with <code>admin</code>.</p>
        <form class="row" @submit=${make}>
          <label class="pick"><span>Scope</span><select name="scope">
            <option value="ingest">ingest</option><option value="ingest publishable">ingest, for pages</option><option value="read">read</option><option value="admin">admin</option>
          </select></label>
          <button class="primary">Make a key</button>
        </form>
        ${made ? secret('Copy it now: it is shown this once.', made) : nothing}
        <div class="scroll" tabindex="0" role="region" aria-label="Keys"><table class="list">
          <thead><tr><th scope="col">Key</th><th scope="col">Scope</th><th scope="col">Made</th><th scope="col">Last used</th><th scope="col"><span class="unseen">Revoke</span></th></tr></thead>
          <tbody>${keys.filter(({ revoked_at }) => revoked_at === null).map(row)}</tbody>
        </table></div>
        ${revoked > 0 ? html`<p class="none after">${revoked} revoked before.</p>` : nothing}`
    },
    dialog: () =>
      revoking &&
      confirmation(
        `Revoke ${revoking.id}?`,
        `Whoever uses it is refused from now on, and so is every embed token that it made. It was last used ${ago(revoking.last_used_at)}.`,
        'Revoke',
        { yes: () => void revoke(revoking!), no: () => ask(undefined) },
      ),
  }
}
