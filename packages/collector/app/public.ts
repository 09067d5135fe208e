/** `/public/{link}`: one board for whoever has its link. Its token is asked for anew when it ends. */
import { html, render } from 'lit'

interface Shared {
  dashboard: { id: string; name: string }
  token: string
}

/** The link in the address, if it is one. */
export function publicLink(pathname: string): string | undefined {
  return /^\/public\/([0-9A-Za-z]+)\/?$/.exec(pathname)?.[1]
}

export async function showPublic(link: string, root: HTMLElement): Promise<void> {
  const ask = async (): Promise<Shared | undefined> => {
    const response = await fetch(`/api/v1/public/dashboards/${link}`)
    if (response.status === 404) return undefined
    if (!response.ok) throw new Error(`The collector answered ${response.status}`)
    return (await response.json()) as Shared
  }
  root.hidden = false
  const first = await ask()
  if (!first) {
    render(
      html`<section class="panel"><h1>There is nothing here</h1><p>This dashboard is not shared, or not any more.</p></section>`,
      root,
    )
    return
  }
  document.title = `${first.dashboard.name} – Telltale`
  let held: string | undefined = first.token
  const getToken = async () => {
    const token = held ?? (await ask())?.token
    held = undefined
    if (!token) throw new Error('This dashboard is not shared any more')
    return token
  }
  render(
    html`<metric-provider endpoint=${location.origin} .getToken=${getToken}>
      <metric-dashboard dashboard=${first.dashboard.id} sync-url></metric-dashboard>
    </metric-provider>`,
    root,
  )
}
