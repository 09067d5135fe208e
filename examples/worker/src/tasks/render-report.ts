/** `report.render`: writes a report in a small Markdown dialect and turns it into HTML. */
import type { JobType } from '../queue.js'
import { between } from '../random.js'

export interface ReportInput {
  title: string
  sections: number
}

export class TemplateError extends Error {
  override readonly name = 'TemplateError'
}

export const renderReport: JobType<ReportInput> = {
  type: 'report.render',
  timeoutMs: 2000,
  maxAttempts: 3,
  run({ title, sections }, { task }) {
    if (sections === 0) throw new TemplateError(`Report "${title}" has no section`)
    const markdown = writeReport(title, sections)
    task.step('written')
    const html = toHtml(markdown)
    task.step('rendered')
    task.set('report.bytes', html.length)
  },
}

function writeReport(title: string, sections: number): string {
  const parts = [`# ${title}`, '']
  for (let i = 1; i <= sections; i++) {
    parts.push(`## Section ${i}`, '', `Revenue grew by **${between(-4, 12).toFixed(1)} %** over *last week*.`, '')
    for (let row = 0; row < 12; row++) parts.push(`- item ${row}: \`${between(10, 900).toFixed(2)}\` EUR`)
    parts.push('')
  }
  return parts.join('\n')
}

/** Headings, lists, paragraphs, bold, emphasis and code. */
export function toHtml(markdown: string): string {
  const html: string[] = []
  let inList = false
  for (const line of markdown.split('\n')) {
    const item = line.startsWith('- ')
    if (inList && !item) html.push('</ul>')
    if (!inList && item) html.push('<ul>')
    inList = item
    if (item) html.push(`<li>${inline(line.slice(2))}</li>`)
    else if (line.startsWith('#')) {
      const level = /^#+/.exec(line)?.[0].length ?? 1
      html.push(`<h${level}>${inline(line.slice(level).trim())}</h${level}>`)
    } else if (line !== '') html.push(`<p>${inline(line)}</p>`)
  }
  if (inList) html.push('</ul>')
  return html.join('\n')
}

function inline(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/\*\*(.+?)\*\*/g, '<strong>$1</strong>')
    .replace(/\*(.+?)\*/g, '<em>$1</em>')
    .replace(/`(.+?)`/g, '<code>$1</code>')
}
