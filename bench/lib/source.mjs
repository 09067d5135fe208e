/** Bundles a workspace's TypeScript source in memory and imports it: a benchmark measures the work tree, built or not. */
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** `path` is relative to bench/. */
export async function importSource(path) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`../${path}`, import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    conditions: ['@telltale/source'],
  })
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`)
}
