/** The command palette: Ctrl or ⌘ and K, then a few letters of a page, a dashboard or a metric. */
import { html, nothing, render } from 'lit'
import type { Api } from './api.js'

interface Entry {
  label: string
  kind: string
  path: string
}

const pages: readonly Entry[] = [
  ['Overview', '/'],
  ['Dashboards', '/dashboards'],
  ['Explore', '/explore'],
  ['Task runs', '/tasks'],
  ['Metrics', '/catalogue'],
  ['Settings', '/settings'],
].map(([label, path]) => ({ label: label!, kind: 'Page', path: path! }))

const maxShown = 12

export function setUpPalette(
  dialog: HTMLDialogElement,
  opener: HTMLElement,
  api: Api,
  go: (path: string) => void,
): void {
  let entries: readonly Entry[] = pages
  let search = ''
  let active = 0

  const shown = () => {
    const words = search
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '')
    return entries.filter(({ label }) => words.every((word) => label.toLowerCase().includes(word))).slice(0, maxShown)
  }
  const choose = (entry: Entry | undefined) => {
    if (!entry) return
    dialog.close()
    go(entry.path)
  }
  const draw = () => {
    const found = shown()
    active = Math.max(0, Math.min(active, found.length - 1))
    render(
      html`<input
          type="text" role="combobox" aria-expanded="true" aria-controls="palette-list" aria-label="Go to a page, dashboard or metric"
          aria-activedescendant=${found.length > 0 ? `palette-${active}` : nothing}
          placeholder="Go to a page, dashboard or metric" autocomplete="off" spellcheck="false" .value=${search}
          @input=${(event: Event) => {
            search = (event.target as HTMLInputElement).value
            active = 0
            draw()
          }}
          @keydown=${(event: KeyboardEvent) => {
            if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
              event.preventDefault()
              const count = found.length || 1
              active = (active + (event.key === 'ArrowDown' ? 1 : count - 1)) % count
              draw()
            } else if (event.key === 'Enter') choose(found[active])
          }}
        />
        <ul id="palette-list" role="listbox" aria-label="Results">
          ${found.map(
            (entry, i) => html`<li
              id="palette-${i}" role="option" aria-selected=${i === active} class=${i === active ? 'active' : ''}
              @click=${() => choose(entry)} @pointermove=${() => {
                if (active === i) return
                active = i
                draw()
              }}
            ><span>${entry.label}</span><small>${entry.kind}</small></li>`,
          )}
          ${found.length === 0 ? html`<li class="none">Nothing has this name.</li>` : nothing}
        </ul>`,
      dialog,
    )
  }
  const open = async () => {
    if (dialog.open) return
    search = ''
    active = 0
    draw()
    dialog.showModal()
    dialog.querySelector('input')?.focus()
    const [boards, metrics] = await Promise.all([
      api
        .get<{ data: { id: string; name: string }[] }>('/api/v1/dashboards?sort=name&limit=500')
        .catch(() => ({ data: [] })),
      api.get<{ data: { name: string }[] }>('/api/v1/metrics').catch(() => ({ data: [] })),
    ])
    entries = [
      ...pages,
      ...boards.data.map(({ id, name }) => ({ label: name, kind: 'Dashboard', path: `/dashboards/${id}` })),
      ...metrics.data.map(({ name }) => ({
        label: name,
        kind: 'Metric',
        path: `/explore?metric=${encodeURIComponent(name)}`,
      })),
    ]
    draw()
  }
  opener.addEventListener('click', () => void open())
  dialog.addEventListener('click', (event) => {
    // The dialog itself is its backdrop; what is inside of it is not.
    if (event.target === dialog) dialog.close()
  })
  addEventListener('keydown', (event) => {
    if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    void open()
  })
}
