import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'tsup'
import { oneStart } from '../../scripts/lib/one-start.mjs'
import { smallStyles } from '../../scripts/lib/small-styles.mjs'
import { writeManifest } from '../../scripts/lib/widget-manifest.mjs'
import { base, bundledTypes, outDir } from '../../tsup.base.js'

/** A tag each, and `index` for all of them. */
const entries = Object.fromEntries(
  readdirSync(new URL('src/components', import.meta.url))
    .filter((name) => name.includes('-'))
    .map((name) => [name, `src/components/${name}/index.ts`]),
)

const scriptEntry = 'src/script/widgets.ts'

/** `metric-bar` → `MetricBar`. */
function className(tag: string): string {
  return tag.replace(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase())
}

export default defineConfig([
  {
    // For bundlers: lit stays an import, so that a host page shares its own copy.
    ...base,
    splitting: true,
    entry: { index: 'src/index.ts', ...entries },
    platform: 'browser',
    target: 'es2022',
    // Types of all tags are in one file; those of a tag's entry point there.
    dts: { ...(bundledTypes() as object), entry: 'src/index.ts' },
    esbuildPlugins: [smallStyles],
    async onSuccess() {
      writeManifest('.', outDir)
      for (const name of Object.keys(entries))
        writeFileSync(join(outDir, `${name}.d.ts`), `export { ${className(name)} } from './index.js'\n`)
    },
  },
  {
    // For one <script type="module">: minified, with what only some pages need (large tags, files, other languages) in parts of its own.
    ...base,
    splitting: true,
    esbuildOptions(options, context) {
      base.esbuildOptions?.(options, context)
      options.chunkNames = 'widgets-[name]-[hash]'
    },
    entry: { widgets: scriptEntry },
    platform: 'browser',
    target: 'es2022',
    noExternal: [/.*/],
    minify: true,
    esbuildPlugins: [oneStart(fileURLToPath(new URL(scriptEntry, import.meta.url))), smallStyles],
    define: { 'process.env.NODE_ENV': '"production"' },
  },
])
