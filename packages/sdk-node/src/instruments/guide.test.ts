/** The guide names every metric and every option of the instruments, and links what exists. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const here = new URL('./', import.meta.url)
const guideUrl = new URL('../../../../docs/guides/instruments.md', import.meta.url)
const guide = readFileSync(guideUrl, 'utf8')

const sources = readdirSync(here, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .map((file) => readFileSync(new URL(file, here), 'utf8'))

it('has every metric', () => {
  const names = new Set(
    sources.flatMap((source) =>
      Array.from(
        source.matchAll(/'((?:system|process|container|nodejs|v8js|http|db|redis|task)\.[\w.]+)', \{/g),
        ([, name]) => name,
      ),
    ),
  )
  expect(names.size).toBeGreaterThan(20)
  for (const name of names) expect(guide, name).toContain(name)
})

it('has every option', () => {
  const options = sources.flatMap((source) =>
    Array.from(source.matchAll(/export interface \w+Options[^{]*\{\n([\s\S]*?)\n\}/g), ([, body]) => body).flatMap(
      (body) => Array.from(body.matchAll(/^ {2}(\w+)\?[:(]/gm), ([, name]) => name),
    ),
  )
  expect(options.length).toBeGreaterThan(15)
  for (const option of options) expect(guide, option).toContain(`\`${option}\``)
})

it('links what there is', () => {
  const links = Array.from(guide.matchAll(/\]\(([^)#]+)\)/g), ([, link]) => link)
  expect(links.length).toBeGreaterThan(3)
  for (const link of links) expect(existsSync(new URL(link, guideUrl)), link).toBe(true)
})
