/** What editors and frameworks are told of the tags: all of them, with attributes, events and parts, in types that hold. */
import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { elementsOf, widgetManifest } from '../../scripts/lib/widget-manifest.mjs'
import { frameworkTypings } from '../../scripts/lib/widget-typings.mjs'

interface Element {
  tagName: string
  attributes: { name: string; description?: string }[]
  events: { name: string; type: { text: string } }[]
  cssParts?: { name: string }[]
}

const packageDir = resolve('packages/widgets')
const manifest = widgetManifest(packageDir)
const elements = elementsOf(manifest) as Element[]
const element = (tag: string) => elements.find(({ tagName }) => tagName === tag)!

test('every folder of a tag is in the manifest', () => {
  const folders = readdirSync(resolve(packageDir, 'src/components')).filter((name) => name.includes('-'))
  expect(elements.map(({ tagName }) => tagName)).toEqual(folders.sort())
})

test('every tag has an entry of its own', () => {
  const { exports } = JSON.parse(readFileSync(resolve(packageDir, 'package.json'), 'utf8')) as { exports: object }
  for (const { tagName } of elements) {
    expect(exports).toHaveProperty([`./${tagName}`], {
      '@telltale/source': `./src/components/${tagName}/index.ts`,
      types: `./dist/${tagName}.d.ts`,
      default: `./dist/${tagName}.js`,
    })
  }
})

test('attributes of base classes, events with their details, and parts are known', () => {
  const bar = element('metric-bar')
  const names = bar.attributes.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['metric', 'group-by', 'orientation', 'theme', 'title']))
  expect(bar.events).toEqual([
    expect.objectContaining({ name: 'metric-select', type: { text: 'CustomEvent<SelectDetail>' } }),
  ])
  expect(bar.cssParts!.map(({ name }) => name)).toEqual(expect.arrayContaining(['card', 'plot', 'error', 'badge']))
})

test('typings parse, and name every tag', () => {
  const typings = frameworkTypings(manifest, 'SelectDetail ZoomDetail ExploreDetail TaskRun')
  expect(Object.keys(typings).sort()).toEqual(['attributes.d.ts', 'jsx.d.ts', 'svelte.d.ts', 'vue.d.ts'])
  for (const [name, text] of Object.entries(typings)) {
    const source = ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true) as ts.SourceFile & {
      parseDiagnostics: ts.Diagnostic[]
    }
    expect(source.parseDiagnostics.map(({ messageText }) => messageText)).toEqual([])
    if (name !== 'attributes.d.ts') for (const { tagName } of elements) expect(text).toContain(`'${tagName}'`)
  }
  expect(typings['attributes.d.ts']).toContain("'orientation'?: 'horizontal' | 'vertical' | undefined")
})
