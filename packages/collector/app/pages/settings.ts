/** `/settings`: the project, its keys, embed tokens and retention, and how much room the data takes. */
import { html, nothing, render, type TemplateResult } from 'lit'
import { head, loading, needsAdmin, type ShowPage, showDialogs } from './page.js'
import { keysPart } from './settings/keys.js'
import type { PartContext, SettingsPart } from './settings/part.js'
import { projectPart } from './settings/project.js'
import { retentionPart } from './settings/retention.js'
import { storagePart } from './settings/storage.js'
import { tokensPart } from './settings/tokens.js'

const parts: readonly [id: string, title: string, create: (context: PartContext) => SettingsPart][] = [
  ['project', 'Project', projectPart],
  ['keys', 'Keys', keysPart],
  ['embed', 'Embed tokens', tokensPart],
  ['retention', 'Retention', retentionPart],
  ['storage', 'Storage', storagePart],
]

export const showSettings: ShowPage = ({ root, api, isCurrent }) => {
  /** Undefined until the parts have their height: drawn one after another they would push each other about. */
  let permissions: string[] | undefined
  const draw = () => {
    if (!isCurrent()) return
    render(
      html`${head('Settings', 'Of this project, and of the collector that it is in.')}
        <nav class="jumps" aria-label="Parts">${made.map(({ id, title }) => html`<a href="#${id}">${title}</a>`)}</nav>
        ${permissions ? html`<div class="settings">${made.map((one) => section(one, permissions!))}</div>` : loading(6)}
        ${made.map(({ part }) => part.dialog?.() ?? nothing)}`,
      root,
    )
    showDialogs(root)
  }
  const made = parts.map(([id, title, create]) => ({ id, title, part: create({ api, changed: draw }) }))
  const load = async () => {
    const who = await api.get<{ permissions: string[] }>('/api/v1/whoami').catch(() => ({ permissions: ['admin'] }))
    await Promise.all(made.filter(({ part }) => isAllowed(part, who.permissions)).map(({ part }) => part.load()))
    permissions = who.permissions
    draw()
    if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView()
  }
  draw()
  void load()
  return undefined
}

interface Made {
  id: string
  title: string
  part: SettingsPart
}

function section({ id, title, part }: Made, permissions: readonly string[]): TemplateResult {
  return html`<section id=${id} tabindex="-1" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    ${isAllowed(part, permissions) ? part.view() : needsAdmin()}
  </section>`
}

function isAllowed({ needs }: SettingsPart, permissions: readonly string[]): boolean {
  return needs === undefined || permissions.includes(needs)
}
