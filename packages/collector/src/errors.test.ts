import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { errorStatus } from './errors.js'
import { rejectionReasons } from './ingest/admission.js'

function page(name: string): string {
  return readFileSync(new URL(`../../../docs/reference/${name}.md`, import.meta.url), 'utf8')
}

it('has every code described, with its status', () => {
  const rows = [...page('errors').matchAll(/^\| `(\w+)` \| (\d+) \|/gm)].map(([, code, status]) => [
    code,
    Number(status),
  ])
  expect(Object.fromEntries(rows)).toEqual(errorStatus)
})

it('has every reason to refuse a row described', () => {
  const section = page('http').split('### Rows that are refused')[1].split('###')[0]
  const described = [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, reason]) => reason)
  expect(described.sort()).toEqual([...rejectionReasons].sort())
})
