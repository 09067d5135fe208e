/** How much room the data takes, by table. */
import { html } from 'lit'
import { bytes, failure, loading, share } from '../page.js'
import type { PartContext, SettingsPart } from './part.js'

interface Storage {
  journal_bytes: number
  hot_rows: number
  segments: number
  segment_bytes: number
  damaged_segments: number
  tables: { table: string; segments: number; bytes: number; rows: number }[]
}

export function storagePart({ api, changed }: PartContext): SettingsPart {
  let storage: Storage | undefined
  let error: unknown

  const load = async () => {
    try {
      storage = await api.get<Storage>('/api/v1/storage')
      error = undefined
    } catch (cause) {
      error = cause
    }
    changed()
  }

  return {
    needs: 'admin',
    load,
    view() {
      if (error) return failure(error, () => void load())
      if (!storage) return loading(2)
      const { segment_bytes, journal_bytes, hot_rows, segments, damaged_segments } = storage
      const tables = storage.tables.filter(({ rows }) => rows > 0).sort((a, b) => b.bytes - a.bytes)
      const largest = Math.max(1, ...tables.map((table) => table.bytes))
      return html`<p>Of all projects of this collector.</p>
        <dl class="figures">
          <div><dt>In segment files</dt><dd>${bytes(segment_bytes)}</dd></div>
          <div><dt>In the journal</dt><dd>${bytes(journal_bytes)}</dd></div>
          <div><dt>Files</dt><dd>${segments.toLocaleString('en')}</dd></div>
          <div><dt>Rows in memory</dt><dd>${hot_rows.toLocaleString('en')}</dd></div>
          <div><dt>Damaged files</dt><dd class=${damaged_segments > 0 ? 'bad' : ''}>${damaged_segments}</dd></div>
        </dl>
        ${
          tables.length === 0
            ? html`<p class="none">Nothing is sealed into files yet: all rows are in the journal and in memory.</p>`
            : html`<div class="scroll" tabindex="0" role="region" aria-label="Tables"><table class="list">
                <thead><tr><th scope="col">Table</th><th scope="col" class="number">Rows</th><th scope="col" class="number">Bytes</th><th scope="col"><span class="unseen">Share</span></th></tr></thead>
                <tbody>${tables.map(
                  (table) =>
                    html`<tr><td><code>${table.table}</code></td><td class="number">${table.rows.toLocaleString('en')}</td><td class="number">${bytes(table.bytes)}</td><td class="bar-cell">${share(table.bytes, largest)}</td></tr>`,
                )}</tbody>
              </table></div>`
        }`
    },
  }
}
