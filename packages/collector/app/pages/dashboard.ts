/** `/dashboards/{id}`: one board, to read, to edit and to share. */
import { html, nothing, render } from 'lit'
import { copyFrom, type ShowPage } from './page.js'

interface Board {
  id: string
  name: string
  is_public: boolean
  public_link: string | null
}

interface DashboardElement extends HTMLElement {
  board: { is_public?: boolean } | undefined
  updateBoard(change: { is_public: boolean }): void
  save?(): Promise<void>
}

export const showDashboard: ShowPage = ({ root, api, id, isCurrent }) => {
  let shared: Board | undefined
  let isOpen = false

  const element = () => root.querySelector<DashboardElement>('metric-dashboard')
  /** The board takes changes once its code and its content are there. */
  const loaded = async () => {
    while (isCurrent() && !element()?.board) await new Promise(requestAnimationFrame)
    return isCurrent() ? element() : undefined
  }
  const load = async () => {
    shared = await api.get<Board>(`/api/v1/dashboards/${encodeURIComponent(id)}`).catch(() => undefined)
    if (isCurrent() && shared) document.title = `${shared.name} – Telltale`
    draw()
  }
  const setPublic = async (isPublic: boolean) => {
    const board = await loaded()
    board?.updateBoard({ is_public: isPublic })
    await board?.save?.()
    await load()
  }

  const draw = () => {
    if (!isCurrent()) return
    render(
      html`<nav class="crumbs" aria-label="Breadcrumb">
          <span role="heading" aria-level="1"><a href="/dashboards">Dashboards</a></span>
          <button class="quiet" aria-expanded=${isOpen} @click=${() => {
            isOpen = !isOpen
            draw()
            if (isOpen) void load()
          }}>Share</button>
        </nav>
        ${isOpen && shared ? share(shared) : nothing}
        <metric-dashboard dashboard=${id} editable sync-url @dashboard-save=${() => void load()}></metric-dashboard>`,
      root,
    )
  }

  const share = (board: Board) => {
    const tag = [
      `<script type="module" src="${location.origin}/widgets.js"></script>`,
      `<metric-provider endpoint="${location.origin}" token="EMBED_TOKEN">`,
      `  <metric-dashboard dashboard="${board.id}"></metric-dashboard>`,
      '</metric-provider>',
    ].join('\n')
    const link = board.public_link ? `${location.origin}/public/${board.public_link}` : ''
    return html`<section class="sharing" aria-label="Share">
      <div>
        <h2>In your own page</h2>
        <p>Your server makes the token: <a href="/settings#embed">embed tokens</a>.</p>
        <div class="snippet"><pre><code>${tag}</code></pre><button class="quiet" @click=${(event: Event) => copyFrom(event.target as HTMLButtonElement, tag)}>Copy</button></div>
      </div>
      <div>
        <h2>By a link</h2>
        <label class="switch"><input type="checkbox" .checked=${board.is_public} @change=${(event: Event) => setPublic((event.target as HTMLInputElement).checked)} /><span>Whoever has the link may look</span></label>
        ${link ? html`<div class="snippet"><pre><code>${link}</code></pre><button class="quiet" @click=${(event: Event) => copyFrom(event.target as HTMLButtonElement, link)}>Copy</button></div>` : html`<p>The link cannot be guessed, shows this board alone, and ends when you turn it off.</p>`}
      </div>
    </section>`
  }

  draw()
  void load()
  // Its code may not have come yet.
  return () => void element()?.save?.()
}
