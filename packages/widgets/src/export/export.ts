/** From a tag to a file: `el.export('png')` and the menu's entries end here. */
import '../i18n/en-export.js'
import { ClientError } from '../client/errors.js'
import { messages } from '../i18n/messages.js'
import { toCsv } from './csv.js'
import { type ExportFormat, exportFormats } from './formats.js'
import { toJson } from './json.js'
import { type PdfPage, toPdf } from './pdf.js'
import { pictureOf } from './picture.js'
import { type ExportTable, isoLocal } from './table.js'

export interface ExportSource {
  /** What a picture shows. */
  element: Element
  /** The colour behind it. */
  surface: string
  title: string
  /** Undefined while there is no data. */
  table: ExportTable | undefined
}

/** Throws `nothing_to_export` while there is no data, `invalid_option` for a format that is not known. */
export async function exportAs(format: ExportFormat, source: ExportSource): Promise<Blob> {
  const { element, surface, title, table } = source
  if (!exportFormats.includes(format)) {
    throw new ClientError('invalid_option', `export("${format}") is not known: it takes png, pdf, csv or json.`)
  }
  if (!table) throw new ClientError('nothing_to_export', messages.nothingToExport)
  switch (format) {
    case 'csv':
      return new Blob([toCsv(table)], { type: 'text/csv;charset=utf-8' })
    case 'json':
      return new Blob([toJson(table)], { type: 'application/json' })
    case 'png':
      return pngOf(pictureOf(element, surface))
    case 'pdf':
      return toPdf([pageOf(pictureOf(element, surface), element)], title)
  }
}

export function pngOf(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new ClientError('internal', messages.exportFailed))))
  })
}

/** A page as large as the element: 96 CSS pixels are 72 points. */
export function pageOf(canvas: HTMLCanvasElement, element: Element): PdfPage {
  const { width, height } = canvas
  const { data } = canvas.getContext('2d')!.getImageData(0, 0, width, height)
  const rgb = new Uint8Array(width * height * 3)
  for (let from = 0, to = 0; from < data.length; from += 4) {
    rgb[to++] = data[from]
    rgb[to++] = data[from + 1]
    rgb[to++] = data[from + 2]
  }
  const box = element.getBoundingClientRect()
  return { rgb, width, height, widthPt: box.width * 0.75, heightPt: box.height * 0.75 }
}

/** `Latency, p95` → `latency-p95-2026-11-25-2052.csv`. */
export function fileName(title: string, format: string, nowMs = Date.now()): string {
  const stem = title
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}]+/gu, '-')
    .replace(/^-|-$/g, '')
  const at = isoLocal(nowMs).slice(0, 16).replace('T', '-').replace(':', '')
  return `${stem.slice(0, 80) || 'export'}-${at}.${format}`
}

/** Hands a file to the browser's downloads. */
export function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The download has begun by then; the memory is let go.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
