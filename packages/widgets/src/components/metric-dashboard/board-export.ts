/** A whole board as a file: a picture of its grid, its data as a ZIP of CSV files, or its definition. */
import type { BoardContent } from '../../board/document.js'
import { ClientError } from '../../client/errors.js'
import { fileName, pageOf, pngOf } from '../../export/export.js'
import type { ExportFormat } from '../../export/formats.js'
import { toPdf } from '../../export/pdf.js'
import { pictureOf } from '../../export/picture.js'
import { messages } from '../shared/messages.js'
import type { WidgetElement } from '../shared/widget-element.js'

interface BoardSource {
  grid: HTMLElement | null
  content: BoardContent | undefined
  widgets: readonly HTMLElement[]
}

export async function exportBoard(format: ExportFormat, { grid, content, widgets }: BoardSource): Promise<Blob> {
  if (!grid || !content || content.widgets.length === 0) {
    throw new ClientError('nothing_to_export', messages.nothingToExport)
  }
  switch (format) {
    case 'json': {
      const { is_public, ...dashboard } = content
      const file = { format: 'telltale.dashboard', format_version: 1, exported_at: new Date().toISOString(), dashboard }
      return new Blob([`${JSON.stringify(file, null, 2)}\n`], { type: 'application/json' })
    }
    case 'csv':
      return zipOf(widgets)
    case 'png':
      return pngOf(picture(grid))
    case 'pdf':
      return toPdf([pageOf(picture(grid), grid)], content.name)
    default:
      throw new ClientError('invalid_option', `export("${format}") is not known: it takes png, pdf, csv or json.`)
  }
}

function picture(grid: HTMLElement): HTMLCanvasElement {
  return pictureOf(grid, surfaceBehind(grid))
}

/** The first colour behind the board that is none of glass; without one, white or black as the scheme has it. */
function surfaceBehind(element: HTMLElement): string {
  for (
    let node: Node | null = element;
    node;
    node = node.parentNode ?? (node instanceof ShadowRoot ? node.host : null)
  ) {
    if (!(node instanceof Element)) continue
    const { backgroundColor } = getComputedStyle(node)
    if (backgroundColor !== 'transparent' && !/, 0\)$/.test(backgroundColor)) return backgroundColor
  }
  return getComputedStyle(element).getPropertyValue('color-scheme').includes('dark') ? '#0e1014' : '#ffffff'
}

/** One CSV a widget; those without data are left out. */
async function zipOf(widgets: readonly HTMLElement[]): Promise<Blob> {
  const { zipSync } = await import('fflate')
  const files: Record<string, Uint8Array> = {}
  for (const [i, widget] of widgets.entries()) {
    const { title, metric, export: run } = widget as WidgetElement & { metric?: string }
    if (typeof run !== 'function') continue
    try {
      const blob = await run.call(widget, 'csv')
      const number = String(i + 1).padStart(2, '0')
      files[`${number}-${fileName(title || metric || widget.localName, 'csv')}`] = new Uint8Array(
        await blob.arrayBuffer(),
      )
    } catch (error) {
      if (!(error instanceof ClientError)) throw error
    }
  }
  if (Object.keys(files).length === 0) throw new ClientError('nothing_to_export', messages.nothingToExport)
  return new Blob([zipSync(files) as Uint8Array<ArrayBuffer>], { type: 'application/zip' })
}
