/** Bytes that a page loads for the chart tags, gzip: what is loaded from the start, without the parts that wait until they are needed. */
import { basename } from 'node:path'
import { gzipSync } from 'node:zlib'
import { root } from './process.mjs'
import { smallStyles } from './small-styles.mjs'

const tags = './packages/widgets/src'

/** Entries with the most that each may have. The aims are 35 and 60 KiB; these hold what is reached. */
export const limits = [
  {
    name: '<metric-chart> and <metric-provider>, with lit',
    limitBytes: 42_000,
    code: `import '${tags}/components/metric-provider/index.js'; import '${tags}/components/metric-chart/index.js'`,
  },
  { name: 'all tags, with lit', limitBytes: 100_000, code: `import '${tags}/index.js'` },
]

/** @returns {Promise<{ bytes: number, laterBytes: number }>} */
export async function measure(code) {
  // Not from the start: a fresh clone has no packages yet when the scripts are loaded.
  const { build } = await import('esbuild')
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: root, loader: 'ts' },
    ...{ bundle: true, write: false, minify: true, metafile: true, splitting: true, outdir: 'out' },
    ...{ format: 'esm', target: 'es2022', legalComments: 'none' },
    plugins: [smallStyles],
    define: { 'process.env.NODE_ENV': '"production"' },
    conditions: ['@telltale/source', 'module', 'import', 'default'],
  })
  const sizes = new Map(
    outputFiles.map(({ path, contents }) => [basename(path), gzipSync(contents, { level: 9 }).length]),
  )
  const outputs = new Map(Object.entries(metafile.outputs).map(([path, output]) => [basename(path), output]))
  const first = new Set()
  const visit = (name) => {
    if (first.has(name)) return
    first.add(name)
    for (const { path, kind } of outputs.get(name).imports) if (kind === 'import-statement') visit(basename(path))
  }
  visit([...outputs].find(([, output]) => output.entryPoint)[0])
  let bytes = 0
  let laterBytes = 0
  for (const [name, size] of sizes) {
    if (first.has(name)) bytes += size
    else laterBytes += size
  }
  return { bytes, laterBytes }
}
