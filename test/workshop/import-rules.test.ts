/** Proves that each import rule bites: a small tree with one forbidden import is cruised with the real rules. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { cruise, type IConfiguration, type ICruiseResult } from 'dependency-cruiser'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const rules = createRequire(import.meta.url)(resolve('.dependency-cruiser.cjs')) as IConfiguration

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'telltale-arrows-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** Writes the files, cruises them and returns the names of the rules that they break. */
async function broken(files: Record<string, string>): Promise<string[]> {
  for (const [path, source] of Object.entries(files)) {
    mkdirSync(join(root, dirname(path)), { recursive: true })
    writeFileSync(join(root, path), source)
  }
  const { output } = await cruise(['packages'], {
    ...rules.options,
    ruleSet: { forbidden: rules.forbidden },
    validate: true,
    baseDir: root,
  })
  const { violations } = (output as ICruiseResult).summary
  return [...new Set(violations.map((violation) => violation.rule.name))].filter(
    // Fragments have no doors, so nothing in them is reached.
    (name) => name !== 'no-unreached-modules',
  )
}

const forbidden: [rule: string, from: string, statement: string, to: string][] = [
  ['protocol-stands-alone', 'protocol/src/a.ts', "import '../../sdk-core/src/b.js'", 'sdk-core/src/b.ts'],
  ['no-node-where-browsers-run', 'protocol/src/a.ts', "import 'node:fs'", 'protocol/src/b.ts'],
  ['no-node-where-browsers-run', 'sdk-core/src/a.ts', "import 'node:os'", 'sdk-core/src/b.ts'],
  ['wire-without-zod', 'protocol/src/wire/a.ts', "import '../api/b.js'", 'protocol/src/api/b.ts'],
  ['sdk-core-on-protocol-only', 'sdk-core/src/a.ts', "import '../../sdk-node/src/b.js'", 'sdk-node/src/b.ts'],
  ['sdks-on-core-only', 'sdk-node/src/a.ts', "import '../../sdk-browser/src/b.js'", 'sdk-browser/src/b.ts'],
  [
    'collector-on-protocol-only',
    'collector/src/ingest/a.ts',
    "import '../../../sdk-core/src/b.js'",
    'sdk-core/src/b.ts',
  ],
  ['widgets-on-protocol-types-only', 'widgets/src/a.ts', "import '../../collector/src/b.js'", 'collector/src/b.ts'],
  [
    'widgets-take-no-code-of-protocol',
    'widgets/src/a.ts',
    "import { b } from '../../protocol/src/b.js'\nb",
    'protocol/src/b.ts',
  ],
  ['client-without-lit', 'widgets/src/client/a.ts', "import '../components/b.js'", 'widgets/src/components/b.ts'],
  ['stages-know-no-siblings', 'collector/src/query/a.ts', "import '../ingest/b.js'", 'collector/src/ingest/b.ts'],
  [
    'stages-know-no-siblings',
    'collector/src/query/a.ts',
    "import type { b } from '../store/b.js'\ndeclare const x: b",
    'collector/src/store/b.ts',
  ],
  ['stages-know-no-siblings', 'collector/src/live/a.ts', "import '../collector.js'", 'collector/src/collector.ts'],
  [
    'journal-belongs-to-the-store',
    'collector/src/query/a.ts',
    "import '../journal/index.js'",
    'collector/src/journal/index.ts',
  ],
  ['stages-know-no-siblings', 'collector/src/journal/a.ts', "import '../store/b.js'", 'collector/src/store/b.ts'],
  [
    'shared-vocabulary-knows-no-stage',
    'collector/src/config.ts',
    "import './ingest/b.js'",
    'collector/src/ingest/b.ts',
  ],
  ['no-tests-in-products', 'sdk-core/src/a.ts', "import './b.test.js'", 'sdk-core/src/b.test.ts'],
  ['resolvable', 'sdk-core/src/a.ts', "import './nowhere.js'", 'sdk-core/src/b.ts'],
]

describe('forbidden imports', () => {
  test.each(forbidden)('%s: %s, %s', async (rule, from, statement, to) => {
    const files = {
      [`packages/${to}`]: 'export type b = number\nexport const b = 1\n',
      [`packages/${from}`]: `${statement}\n`,
    }
    expect(await broken(files)).toEqual([rule])
  })

  test('no-circles', async () => {
    const files = {
      'packages/sdk-core/src/a.ts': "import './b.js'\n",
      'packages/sdk-core/src/b.ts': "import './a.js'\n",
    }
    expect(await broken(files)).toEqual(['no-circles'])
  })

  test('no-unreached-modules', async () => {
    const files = {
      'packages/sdk-core/src/index.ts': "export { b } from './b.js'\n",
      'packages/sdk-core/src/b.ts': 'export const b = 1\n',
      'packages/sdk-core/src/lost.ts': 'export const lost = 1\n',
      'packages/sdk-core/src/lost.test.ts': "import './lost.js'\n",
    }
    await broken(files)
    const { output } = await cruise(['packages'], {
      ...rules.options,
      ruleSet: { forbidden: rules.forbidden },
      validate: true,
      baseDir: root,
    })
    expect((output as ICruiseResult).summary.violations.map(({ from, rule }) => [rule.name, from])).toEqual([
      ['no-unreached-modules', 'packages/sdk-core/src/lost.ts'],
    ])
  })
})

test('types may name each other', async () => {
  const files = {
    'packages/sdk-core/src/a.ts': "import type { B } from './b.js'\nexport interface A { b: B }\n",
    'packages/sdk-core/src/b.ts': "import type { A } from './a.js'\nexport interface B { a: A }\n",
  }
  expect(await broken(files)).toEqual([])
})

const allowed: [from: string, statement: string, to: string][] = [
  [
    'collector/src/query/a.ts',
    "import type { b } from '../store/store.js'\ndeclare const x: b",
    'collector/src/store/store.ts',
  ],
  ['collector/src/query/a.ts', "import '../errors.js'", 'collector/src/errors.ts'],
  ['collector/src/query/a.ts', "import './b.js'", 'collector/src/query/b.ts'],
  ['collector/src/collector.ts', "import './query/b.js'", 'collector/src/query/b.ts'],
  ['collector/src/store/worker.ts', "import '../journal/b.js'", 'collector/src/journal/b.ts'],
  ['collector/src/store/a.ts', "import '../journal/index.js'", 'collector/src/journal/index.ts'],
  ['collector/src/query/a.test.ts', "import '../ingest/b.js'", 'collector/src/ingest/b.ts'],
  ['widgets/src/a.ts', "import type { b } from '../../protocol/src/b.js'\ndeclare const x: b", 'protocol/src/b.ts'],
  ['sdk-node/src/a.ts', "import 'node:fs'", 'sdk-node/src/b.ts'],
]

test.each(allowed)('allowed: %s, %s', async (from, statement, to) => {
  const files = {
    [`packages/${to}`]: 'export type b = number\nexport const b = 1\n',
    [`packages/${from}`]: `${statement}\n`,
  }
  expect(await broken(files)).toEqual([])
})
