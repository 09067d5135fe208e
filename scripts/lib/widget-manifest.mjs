/**
 * What editors and frameworks know of the tags, made from their sources: `custom-elements.json`, and typings for JSX, Vue and
 * Svelte beside it.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { create, ts } from '@custom-elements-manifest/analyzer'
import { litPlugin } from '@custom-elements-manifest/analyzer/src/features/framework-plugins/lit/lit.js'
import { frameworkTypings } from './widget-typings.mjs'

const eventDoc = /@event \{([^}]+)\} ([\w-]+)/g
const docTags = /(?<=\S) (@(?:csspart|cssproperty|event|slot) )/g

/** @param {string} packageDir `packages/widgets` */
export function widgetManifest(packageDir) {
  const sources = sourcesOf(packageDir).map((path) => ({ path, text: readFileSync(join(packageDir, path), 'utf8') }))
  const withProperties = inliner(sources.map(({ text }) => text))
  /** By the comments: an event that a base class sends has lost its type in the classes that come from it. */
  const eventTypes = new Map()
  const modules = sources.map(({ path, text: written }) => {
    // Several tags may stand on one line of a comment, which the analyzer does not read.
    const text = withProperties(written).replace(docTags, '\n * $1')
    for (const [, type, name] of text.matchAll(eventDoc)) eventTypes.set(name, type)
    return ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true)
  })
  const manifest = create({ modules, plugins: litPlugin(), context: { dev: false } })
  const classes = new Map()
  for (const { declarations = [] } of manifest.modules) {
    for (const declaration of declarations) if (declaration.kind === 'class') classes.set(declaration.name, declaration)
  }
  for (const module of manifest.modules) {
    const tagName = /components\/([^/]+)\/\1\.component\.ts$/.exec(module.path)?.[1]
    module.declarations = module.declarations.filter((each) => each.kind === 'class').map(publicPart)
    const element = tagName && module.declarations.find(({ members }) => members)
    if (!element) continue
    Object.assign(element, { customElement: true, tagName, attributes: attributesOf(element, classes) })
    element.events = (element.events ?? [])
      .filter(({ name }) => eventTypes.has(name))
      .map((event) => ({ ...event, type: { text: eventTypes.get(event.name) } }))
    module.exports.push({
      kind: 'custom-element-definition',
      name: tagName,
      declaration: { name: element.name, module: module.path },
    })
  }
  manifest.modules = manifest.modules.filter(({ declarations }) => declarations.length > 0)
  return manifest
}

export function writeManifest(packageDir, outDir) {
  const manifest = widgetManifest(packageDir)
  const exported = readFileSync(join(packageDir, 'src/index.ts'), 'utf8')
  mkdirSync(outDir, { recursive: true })
  writeFileSync(join(outDir, 'custom-elements.json'), `${JSON.stringify(manifest, null, 1)}\n`)
  for (const [name, text] of Object.entries(frameworkTypings(manifest, exported)))
    writeFileSync(join(outDir, name), text)
}

/** Elements of a manifest, by tag. */
export function elementsOf(manifest) {
  return manifest.modules
    .flatMap(({ declarations }) => declarations)
    .filter(({ tagName }) => tagName)
    .sort((a, b) => (a.tagName < b.tagName ? -1 : 1))
}

function sourcesOf(packageDir) {
  return readdirSync(join(packageDir, 'src/components'), { recursive: true })
    .map((path) => `src/components/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.ts') && !/\.(test|styles)\.ts$/.test(path))
    .sort()
}

/** Properties that several tags share are constants, which the analyzer does not follow: they are written out for it. */
function inliner(texts) {
  const bodies = new Map()
  for (const text of texts) {
    for (const [, name, body] of text.matchAll(/^export const (\w+): PropertyDeclarations = \{\n(.*?)^\}/gms))
      bodies.set(name, body)
  }
  const inline = (text) =>
    text
      .replace(/^( +)\.\.\.(\w+),\n/gm, (whole, _, name) => (bodies.has(name) ? inline(bodies.get(name)) : whole))
      .replace(/(static override properties: PropertyDeclarations = )(\w+)$/gm, (whole, start, name) =>
        bodies.has(name) ? `${start}{\n${inline(bodies.get(name))}}` : whole,
      )
  return inline
}

function publicPart(declaration) {
  const members = declaration.members?.filter(({ privacy, name }) => privacy === 'public' && !name.startsWith('#'))
  return { ...declaration, members }
}

/** Its own and those of every class that it comes from. */
function attributesOf(element, classes) {
  const attributes = new Map()
  for (let at = element; at; at = classes.get(at.superclass?.name)) {
    for (const member of at.members ?? []) {
      if (member.kind !== 'field' || !member.attribute || attributes.has(member.attribute)) continue
      const { attribute, name, type, description, default: value } = member
      attributes.set(attribute, { name: attribute, fieldName: name, type, description, default: value })
    }
    for (const each of at.attributes ?? []) if (!attributes.has(each.name)) attributes.set(each.name, each)
  }
  return [...attributes.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}
