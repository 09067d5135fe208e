/** The browser SDK stays small: a page loads it before anything else. */
import { resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect, it } from 'vitest'

/** Minified by itself, as a page would load it. */
async function sizes(contents: string): Promise<{ entry: number; chunks: number }> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: resolve('packages/sdk-browser/src'), loader: 'ts' },
    ...{ bundle: true, minify: true, splitting: true, format: 'esm', target: 'es2022', platform: 'browser' },
    conditions: ['@telltale/source'],
    write: false,
    outdir: 'out',
  } as const)
  const [entry, ...chunks] = outputFiles.map((file) => gzipSync(file.contents, { level: 9 }).length)
  return { entry, chunks: chunks.reduce((sum, size) => sum + size, 0) }
}

it('the core is at most 6 KiB, and its queue on disk at most 1.25 KiB more', async () => {
  const { entry, chunks } = await sizes(`export * from './index.js'`)
  expect(entry).toBeLessThanOrEqual(6 * 1024)
  expect(chunks).toBeLessThanOrEqual(1280)
})
