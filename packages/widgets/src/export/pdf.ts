/**
 * Pictures → a PDF with a page each: every page shows one lossless image, deflated by the browser itself (ISO 32000-1,
 * 7.4.4 Flate, 8.9 images). Objects: 1 catalog, 2 pages, 3 information, then page, content and image for each picture.
 */

export interface PdfPage {
  /** RGB, a byte each, row by row. */
  rgb: Uint8Array<ArrayBuffer>
  /** Of the image, in its own pixels. */
  width: number
  height: number
  /** Of the page, in points; the image fills it. */
  widthPt: number
  heightPt: number
}

export async function toPdf(pages: readonly PdfPage[], title: string, madeAt = new Date()): Promise<Blob> {
  const writer = new PdfWriter()
  const firstPage = 4
  writer.object(1, '<</Type/Catalog/Pages 2 0 R/ViewerPreferences<</DisplayDocTitle true>>>>')
  const kids = pages.map((_, i) => `${firstPage + i * 3} 0 R`).join(' ')
  writer.object(2, `<</Type/Pages/Count ${pages.length}/Kids[${kids}]>>`)
  writer.object(3, `<</Title${hexText(title)}/Producer(Telltale)/CreationDate(${pdfDate(madeAt)})>>`)
  for (let i = 0; i < pages.length; i++) {
    const { rgb, width, height, widthPt, heightPt } = pages[i]
    const at = firstPage + i * 3
    const box = `[0 0 ${round(widthPt)} ${round(heightPt)}]`
    writer.object(
      at,
      `<</Type/Page/Parent 2 0 R/MediaBox${box}/Contents ${at + 1} 0 R/Resources<</XObject<</P ${at + 2} 0 R>>>>>>`,
    )
    writer.stream(at + 1, '', encode(`q ${round(widthPt)} 0 0 ${round(heightPt)} 0 0 cm /P Do Q`))
    const image = `/Type/XObject/Subtype/Image/Width ${width}/Height ${height}/ColorSpace/DeviceRGB/BitsPerComponent 8`
    writer.stream(at + 2, `${image}/Filter/FlateDecode`, await deflate(rgb))
  }
  return writer.end()
}

class PdfWriter {
  readonly #parts: Uint8Array<ArrayBuffer>[] = []
  readonly #offsets: number[] = []
  #length = 0

  constructor() {
    this.#put('%PDF-1.7\n')
    // Four bytes above 127 tell transfer programs that this is no text.
    this.#put(new Uint8Array([0x25, 0xe2, 0xe3, 0xcf, 0xd3, 0x0a]))
  }

  object(id: number, body: string): void {
    this.#offsets[id] = this.#length
    this.#put(`${id} 0 obj\n${body}\nendobj\n`)
  }

  stream(id: number, entries: string, bytes: Uint8Array<ArrayBuffer>): void {
    this.#offsets[id] = this.#length
    this.#put(`${id} 0 obj\n<<${entries}/Length ${bytes.length}>>\nstream\n`)
    this.#put(bytes)
    this.#put('\nendstream\nendobj\n')
  }

  end(): Blob {
    const start = this.#length
    const rows = this.#offsets.slice(1).map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`)
    this.#put(`xref\n0 ${rows.length + 1}\n0000000000 65535 f \n${rows.join('')}`)
    this.#put(`trailer\n<</Size ${rows.length + 1}/Root 1 0 R/Info 3 0 R>>\nstartxref\n${start}\n%%EOF\n`)
    return new Blob(this.#parts, { type: 'application/pdf' })
  }

  #put(part: string | Uint8Array<ArrayBuffer>): void {
    const bytes = typeof part === 'string' ? encode(part) : part
    this.#parts.push(bytes)
    this.#length += bytes.length
  }
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>
}

/** `deflate` of the platform is the zlib format, which is what FlateDecode reads. */
async function deflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate'))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

/** UTF-16 with its mark, in hex: any title, and nothing in it can end the string. */
function hexText(text: string): string {
  const units = Array.from({ length: text.length }, (_, i) => text.charCodeAt(i).toString(16).padStart(4, '0'))
  return `<FEFF${units.join('')}>`
}

function pdfDate(at: Date): string {
  return `D:${at.toISOString().replace(/[-T:]/g, '').slice(0, 14)}Z`
}

function round(points: number): number {
  return Math.round(points * 100) / 100
}
