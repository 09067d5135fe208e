/** What every tag has from its base: a menu, files, and a language. */
import { expect, test } from 'vitest'
import { userEvent } from 'vitest/browser'
import { configure } from '../../client/configure.js'
import { all, expectAccessible, find, text, until, usePage } from '../../testing/page.js'

const page = usePage()
const show = (attributes: Record<string, string> = {}) =>
  page.show('metric-card', { metric: 'latency', title: 'Latency', range: '15m', ...attributes })

async function ready(attributes: Record<string, string> = {}) {
  const card = show(attributes)
  await until(() => text(card, '.value') !== '' && find(card, '.spark'))
  return card
}

async function pixels(blob: Blob) {
  const image = await createImageBitmap(blob)
  const canvas = new OffscreenCanvas(image.width, image.height)
  const context = canvas.getContext('2d')!
  context.drawImage(image, 0, 0)
  return context.getImageData(0, 0, image.width, image.height)
}

test('the menu opens with its button, walks by keys, and closes with Escape', async () => {
  const card = await ready()
  const button = find(card, '.more')!
  button.focus()
  await userEvent.keyboard('{Enter}')
  await until(() => find(card, '.menu')!.matches(':popover-open'))
  const items = all(card, '[role=menuitem]')
  expect(items.map((item) => item.textContent!.trim())).toEqual([
    'Save as PNG',
    'Save as PDF',
    'Save as CSV',
    'Save as JSON',
  ])
  await until(() => card.shadowRoot!.activeElement === items[0])
  await userEvent.keyboard('{ArrowUp}')
  expect(card.shadowRoot!.activeElement).toBe(items[3])
  await expectAccessible(card)
  await userEvent.keyboard('{Escape}')
  await until(() => !find(card, '.menu')!.matches(':popover-open'))
  expect(card.shadowRoot!.activeElement).toBe(button)
})

test('a picture is twice the size, opaque, and shows the value and the curve', async () => {
  const card = await ready({ theme: 'light' })
  const { width, height } = find(card, '.card')!.getBoundingClientRect()
  const png = await card.export('png')
  expect(png.type).toBe('image/png')
  const image = await pixels(png)
  expect([image.width, image.height]).toEqual([Math.round(width * 2), Math.round(height * 2)])
  let ink = 0
  let clear = 0
  let accent = 0
  for (let i = 0; i < image.data.length; i += 4) {
    const [red, green, blue, alpha] = image.data.subarray(i, i + 4)
    if (alpha < 255) clear++
    if (red < 40 && green < 45 && blue < 55) ink++
    if (red < 90 && green < 110 && blue > 200) accent++
  }
  expect(clear).toBe(0)
  expect(ink).toBeGreaterThan(200)
  expect(accent).toBeGreaterThan(400)
})

test('a PDF of one page as large as the tag, CSV and JSON of the value', async () => {
  const card = await ready()
  const pdf = await card.export('pdf')
  const head = await pdf.text()
  expect(head.startsWith('%PDF-1.7')).toBe(true)
  const { width } = find(card, '.card')!.getBoundingClientRect()
  expect(Number(/MediaBox\[0 0 ([\d.]+)/.exec(head)![1])).toBeCloseTo(width * 0.75, 1)
  expect(await (await card.export('csv')).text()).toContain('latency,avg,15m,120,120')
  expect(JSON.parse(await (await card.export('json')).text()).rows[0].value).toBe(120)
  await expect(card.export('gif' as 'png')).rejects.toMatchObject({ code: 'invalid_option' })
})

test('without data there is nothing to save', async () => {
  const card = show({ metric: 'orders' })
  await until(() => text(card, '.state').startsWith('Nothing'))
  await expect(card.export('csv')).rejects.toMatchObject({ code: 'nothing_to_export' })
})

test('the nearest lang decides, changes are followed, and configure() comes before the page', async () => {
  const card = await ready()
  card.parentElement!.lang = 'de'
  await until(() => text(card, '.trend') === 'unverändert ggü. 15 Min. davor')
  card.lang = 'ja'
  await until(() => text(card, '.trend').includes('直前の'))
  card.removeAttribute('lang')
  card.parentElement!.removeAttribute('lang')
  await until(() => text(card, '.trend').startsWith('no change'))
  configure({ locale: 'de-CH' })
  await until(() => text(card, '.trend').startsWith('unverändert'))
  configure({})
  expect(() => configure({ locale: 'not a language' })).toThrow(/locale/)
})
