/** Typings for JSX (React), Vue templates and Svelte, from the manifest of the tags. */
import { elementsOf } from './widget-manifest.mjs'

const head = '/** Made by the build from the sources of the tags. */\n'

export function frameworkTypings(manifest, exported) {
  const elements = elementsOf(manifest)
  const classes = elements.map(({ name }) => name)
  const details = [
    ...new Set(elements.flatMap(({ events }) => events.map((event) => detailOf(event, exported)))),
  ].filter((name) => name !== 'unknown')
  const imports = `import type { ${[...classes, ...details].sort().join(', ')} } from './index.js'\n`
  const props = elements.map((element) => `export interface ${element.name}Attributes {\n${attributeLines(element)}}\n`)
  return {
    'attributes.d.ts': `${head}${props.join('\n')}`,
    'jsx.d.ts': `${head}import type { DetailedHTMLProps, HTMLAttributes } from 'react'
${imports}import type * as A from './attributes.js'

type Tag<E, A> = Omit<DetailedHTMLProps<HTMLAttributes<E>, E>, keyof A> & A

export interface TelltaleElements {
${elements.map((each) => `  '${each.tagName}': Tag<${each.name}, A.${each.name}Attributes>${handlers(each, exported, (name) => `'on${name}'`)}`).join('\n')}
}

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements extends TelltaleElements {}
  }
}
`,
    'vue.d.ts': `${head}${imports}import type * as A from './attributes.js'

type Tag<E, P> = new () => { $el: E; $props: P }

export interface TelltaleComponents {
${elements.map((each) => `  '${each.tagName}': Tag<${each.name}, A.${each.name}Attributes${handlers(each, exported, (name) => `on${camel(name)}`)}>`).join('\n')}
}

declare module 'vue' {
  interface GlobalComponents extends TelltaleComponents {}
}
`,
    'svelte.d.ts': `${head}import type { HTMLAttributes } from 'svelte/elements'
${imports}import type * as A from './attributes.js'

type Tag<E extends EventTarget, A> = Omit<HTMLAttributes<E>, keyof A> & A

declare module 'svelte/elements' {
  export interface SvelteHTMLElements {
${elements.map((each) => `    '${each.tagName}': Tag<${each.name}, A.${each.name}Attributes>${handlers(each, exported, (name) => `'on${name}'`)}`).join('\n')}
  }
}
`,
  }
}

function attributeLines({ attributes }) {
  return attributes
    .map(({ name, type, description, default: value }) => {
      const notes = [description, value ? `Default: ${value}.` : ''].filter(Boolean).join(' ').replaceAll('*/', '')
      return `${notes ? `  /** ${notes} */\n` : ''}  '${name}'?: ${attributeType(type?.text ?? 'string')} | undefined\n`
    })
    .join('')
}

/** What may be written into an attribute: words where only some are taken, numbers and switches as such, else text. */
function attributeType(text) {
  if (/\bboolean\b/.test(text)) return "boolean | ''"
  if (/\bnumber\b/.test(text)) return 'number | string'
  const words = text.split('|').map((part) => part.trim())
  const quoted = words.filter((part) => /^'[^']*'$/.test(part))
  return quoted.length > 0 && words.every((part) => quoted.includes(part) || part === 'undefined')
    ? quoted.join(' | ')
    : 'string'
}

function handlers({ events }, exported, nameOf) {
  if (events.length === 0) return ''
  const fields = events.map(
    (event) => `${nameOf(event.name)}?: (event: CustomEvent<${detailOf(event, exported)}>) => void`,
  )
  return ` & { ${fields.join('; ')} }`
}

function detailOf({ type }, exported) {
  const name = /CustomEvent<(\w+)>/.exec(type?.text ?? '')?.[1]
  return name && new RegExp(`\\b${name}\\b`).test(exported) ? name : 'unknown'
}

function camel(name) {
  return name.replace(/(^|-)(\w)/g, (_, __, letter) => letter.toUpperCase())
}
