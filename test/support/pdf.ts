/** Opens a PDF as a reader does: by its cross-reference table, object by object, down to the pixels of its picture. */
import { inflateSync } from 'node:zlib'

export interface OpenedPdf {
  title: string
  pages: number
  image: { width: number; height: number; colors: number }
}

export function openPdf(bytes: Buffer): OpenedPdf {
  const text = bytes.toString('latin1')
  if (!/^%PDF-1\.\d/.test(text)) throw new Error('no PDF')
  const start = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)?.[1])
  const [, first, count] = /^xref\n(\d+) (\d+)\n/.exec(text.slice(start)) ?? []
  if (first === undefined) throw new Error('startxref points at no table')
  const rows = [...text.slice(start).matchAll(/^(\d{10}) \d{5} n $/gm)].map(([, offset]) => Number(offset))
  if (rows.length !== Number(count) - 1) throw new Error('the table is short')
  const objects = rows.map((offset, i) => {
    const head = `${i + 1} 0 obj\n`
    if (!text.startsWith(head, offset)) throw new Error(`object ${i + 1} is not where the table says`)
    return { body: text.slice(offset + head.length, text.indexOf('endobj', offset)), offset: offset + head.length }
  })
  const image = objects.find(({ body }) => body.includes('/Subtype/Image'))!
  const number = (name: string) => Number(new RegExp(`/${name} (\\d+)`).exec(image.body)![1])
  const from = image.offset + image.body.indexOf('stream\n') + 'stream\n'.length
  const rgb = inflateSync(bytes.subarray(from, from + number('Length')))
  const [width, height] = [number('Width'), number('Height')]
  if (rgb.length !== width * height * 3) throw new Error('the picture is not whole')
  const colors = new Set<number>()
  for (let at = 0; at < rgb.length; at += 3) colors.add(rgb.readUIntBE(at, 3))
  const title = /\/Title<FEFF([0-9a-f]*)>/.exec(text)?.[1] ?? ''
  return {
    title: Buffer.from(title, 'hex').swap16().toString('utf16le'),
    pages: Number(/\/Type\/Pages\/Count (\d+)/.exec(text)![1]),
    image: { width, height, colors: colors.size },
  }
}
