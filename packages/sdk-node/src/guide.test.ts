/** The guide names every option with its default, and every reason for a loss. */
import { readFileSync } from 'node:fs'
import { defaults, dropReasons } from '@telltale/sdk-core'
import { expect, it } from 'vitest'

const guide = readFileSync(new URL('../../../docs/guides/node-sdk.md', import.meta.url), 'utf8')

it('has every default', () => {
  for (const [name, value] of Object.entries(defaults)) {
    const row = guide.split('\n').find((line) => line.startsWith(`| \`${name}\``))
    expect(row, name).toBeDefined()
    expect(row?.split('|')[2]).toContain(String(value))
  }
})

it('has every reason for a loss, and no other', () => {
  const section = guide.slice(guide.indexOf('| reason under'), guide.indexOf('The counts are sent'))
  expect(Array.from(section.matchAll(/^\| `(\w+)`/gm), ([, reason]) => reason)).toEqual([...dropReasons])
})
