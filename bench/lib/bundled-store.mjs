/** The work tree's store as files, for benchmarks: its thread needs one of its own. */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

/** Below node_modules, where the native packages are found. */
export async function bundleStore() {
  const cache = fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url))
  if (!existsSync(cache)) mkdirSync(cache, { recursive: true })
  const outdir = mkdtempSync(join(cache, 'bench-store-'))
  const source = fileURLToPath(new URL('../../packages/collector/src/store/', import.meta.url))
  await build({
    entryPoints: { index: join(source, 'remote-store.ts'), worker: join(source, 'worker.ts') },
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@telltale/source'],
    external: ['@duckdb/*', 'better-sqlite3'],
  })
  const { createStore } = await import(pathToFileURL(join(outdir, 'index.mjs')))
  const remove = () => rmSync(outdir, { recursive: true, force: true })
  return { createStore, workerUrl: pathToFileURL(join(outdir, 'worker.mjs')), remove }
}
