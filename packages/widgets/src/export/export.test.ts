/** Files as programs read them: CSV by RFC 4180, JSON, and a PDF whose offsets and image hold. */
import { inflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { toCsv } from './csv.js'
import { fileName } from './export.js'
import { toJson } from './json.js'
import { toPdf } from './pdf.js'
import { type ExportTable, isoLocal, timeZone } from './table.js'

const at = Date.UTC(2026, 2, 29, 0, 30)
const table: ExportTable = {
  title: 'Latency',
  columns: [
    { name: 'time', kind: 'time', values: [at, at + 60_000] },
    { name: 'task.type', kind: 'text', values: ['=HYPERLINK("http://x")', 'a, "b"\nc'] },
    { name: 'p95', kind: 'number', unit: 'ms', values: [-0.1234567890123, Number.NaN] },
  ],
}

test('CSV: header with units and zone, CRLF, quotes doubled, formulas guarded, numbers whole', () => {
  expect(toCsv(table)).toBe(
    `time (${timeZone()}),task.type,p95 (ms)\r\n` +
      `${isoLocal(at)},"'=HYPERLINK(""http://x"")",-0.1234567890123\r\n` +
      `${isoLocal(at + 60_000)},"a, ""b""\nc",\r\n`,
  )
})

test.each(['=1', '+1', '-1', '@a', '\tx', '\rx'])('text that a spreadsheet would run is guarded: %j', (text) => {
  const line = toCsv({ title: '', columns: [{ name: 'n', kind: 'text', values: [text] }] }).split('\r\n')[1]
  expect(line.replace(/^"/, '')).toMatch(/^'/)
})

test('a byte order mark where there is more than ASCII, and only there', () => {
  const one = (text: string) => toCsv({ title: '', columns: [{ name: text, kind: 'text', values: [] }] })
  expect(one('a').startsWith('\ufeff')).toBe(false)
  expect(one('ä').startsWith('\ufeff')).toBe(true)
})

test('JSON: times with their offset, and no NaN', () => {
  const { rows, columns, time_zone } = JSON.parse(toJson(table))
  expect(rows[0]).toEqual({ time: isoLocal(at), 'task.type': '=HYPERLINK("http://x")', p95: -0.1234567890123 })
  expect(Date.parse(rows[0].time)).toBe(at)
  expect(rows[1].p95).toBeNull()
  expect(columns[2]).toEqual({ name: 'p95', kind: 'number', unit: 'ms' })
  expect(time_zone).toBe(timeZone())
})

test('PDF: every offset of the table points at its object, and the image inflates to its pixels', async () => {
  const rgb = new Uint8Array([255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9])
  const page = { rgb, width: 2, height: 2, widthPt: 150, heightPt: 75.5 }
  const blob = await toPdf([page, page], 'Größe (1) \\ 東京')
  const bytes = Buffer.from(await blob.arrayBuffer())
  const text = bytes.toString('latin1')
  const start = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)![1])
  expect(text.slice(start, start + 4)).toBe('xref')
  const offsets = [...text.slice(start).matchAll(/^(\d{10}) 00000 n $/gm)].map(([, offset]) => Number(offset))
  expect(offsets).toHaveLength(9)
  offsets.forEach((offset, i) => {
    expect(text.slice(offset).startsWith(`${i + 1} 0 obj\n`)).toBe(true)
  })
  expect(text).toContain('/Count 2/Kids[4 0 R 7 0 R]')
  const image = text.indexOf('/FlateDecode/Length ')
  const length = Number(text.slice(image + 20).split('>')[0])
  const from = text.indexOf('stream\n', image) + 7
  expect([...inflateSync(bytes.subarray(from, from + length))]).toEqual([...rgb])
  const title = /\/Title<FEFF([0-9a-f]+)>/.exec(text)![1]
  expect(
    title
      .match(/.{4}/g)!
      .map((unit) => String.fromCharCode(Number.parseInt(unit, 16)))
      .join(''),
  ).toBe('Größe (1) \\ 東京')
})

test('file names keep letters of every script', () => {
  expect(fileName('Latenz, p95 / Größe', 'csv', at)).toMatch(/^latenz-p95-größe-2026-03-29-\d{4}\.csv$/)
  expect(fileName('…', 'png', at)).toMatch(/^export-/)
})
