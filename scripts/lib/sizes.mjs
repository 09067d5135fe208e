/** Bytes that a page loads for the chart tags, gzip: what comes at the start, and the parts that wait until they are needed. */
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { oneStart } from './one-start.mjs'
import { root } from './process.mjs'
import { smallStyles } from './small-styles.mjs'

const tags = './packages/widgets/src'

const everyTagBut = (left) =>
  readdirSync(join(root, tags, 'components'))
    .filter((name) => name.includes('-') && name !== left)
    .map((name) => `import '${tags}/components/${name}/index.js'`)
    .join('\n')

/** What a page may load at its start: what is reached, and at most 2 % more. `aimBytes` is where it shall be. */
export const limits = [
  {
    name: '<metric-chart> and <metric-provider>, with lit',
    limitBytes: 35 * 1024,
    aimBytes: 35 * 1024,
    code: `import '${tags}/components/metric-provider/index.js'; import '${tags}/components/metric-chart/index.js'`,
  },
  {
    name: 'widgets.js on a page with one chart, with lit',
    limitBytes: 51_700,
    aimBytes: 60 * 1024,
    code: `export * from '${tags}/script/widgets.js'`,
  },
  {
    name: 'every tag but the dashboard, from a bundler, with lit',
    limitBytes: 58_600,
    aimBytes: 60 * 1024,
    code: everyTagBut('metric-dashboard'),
  },
  {
    name: 'all tags with dashboards and the store, from a bundler, with lit',
    limitBytes: 81_700,
    aimBytes: 60 * 1024,
    code: `import '${tags}/index.js'`,
  },
]

const start = 'telltale-start'

/** The measured page's own module. As bundlers do, what a later part shares with the start stays in the start. */
const startWith = (contents) => ({
  name: 'start-with',
  setup(build) {
    build.onResolve({ filter: new RegExp(`^${start}$`) }, ({ path }) => ({ path, namespace: 'start' }))
    build.onLoad({ filter: /.*/, namespace: 'start' }, () => ({ contents, resolveDir: root, loader: 'ts' }))
  },
})

/**
 * `later` has a line for each part that is loaded on first use: with what it brings besides the start.
 * @returns {Promise<{ bytes: number, laterBytes: number, later: { name: string, bytes: number }[] }>}
 */
export async function measure({ code }) {
  // Not from the start: a fresh clone has no packages yet when the scripts are loaded.
  const { build } = await import('esbuild')
  const { outputFiles, metafile } = await build({
    entryPoints: [start],
    ...{ bundle: true, write: false, minify: true, metafile: true, splitting: true, outdir: 'out' },
    ...{ format: 'esm', target: 'es2022', legalComments: 'none' },
    plugins: [startWith(code), oneStart(start), smallStyles],
    define: { 'process.env.NODE_ENV': '"production"' },
    conditions: ['@telltale/source', 'module', 'import', 'default'],
  })
  const sizes = new Map(
    outputFiles.map(({ path, contents }) => [basename(path), gzipSync(contents, { level: 9 }).length]),
  )
  const outputs = new Map(Object.entries(metafile.outputs).map(([path, output]) => [basename(path), output]))
  /** The file with all that it imports at once. */
  const withImports = (name, found = new Set()) => {
    if (found.has(name)) return found
    found.add(name)
    for (const { path, kind } of outputs.get(name).imports)
      if (kind === 'import-statement') withImports(basename(path), found)
    return found
  }
  const sum = (names) => names.reduce((bytes, name) => bytes + sizes.get(name), 0)
  const names = [...outputs.keys()]
  const entryOf = (name) => outputs.get(name).entryPoint
  const first = withImports(names.find((name) => entryOf(name) === `start:${start}`))
  const isLater = (name) => !first.has(name)
  return {
    bytes: sum([...first]),
    laterBytes: sum(names.filter(isLater)),
    later: names
      .filter((name) => isLater(name) && entryOf(name))
      .map((name) => ({
        name: basename(entryOf(name)).replace(/\.\w+$/, ''),
        bytes: sum([...withImports(name)].filter(isLater)),
      }))
      .sort((a, b) => b.bytes - a.bytes),
  }
}
