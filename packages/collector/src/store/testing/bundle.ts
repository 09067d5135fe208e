/** Bundles a TypeScript entry of ours, for tests that need a real thread or process. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

// Below the repository, so that the bundle finds the native packages that it leaves out.
const root = fileURLToPath(new URL('../../../../../node_modules/.cache/', import.meta.url))

export interface Bundle {
  path: string
  remove(): void
}

export async function bundle(entry: URL): Promise<Bundle> {
  mkdirSync(root, { recursive: true })
  const folder = mkdtempSync(join(root, 'store-test-'))
  const path = join(folder, 'entry.mjs')
  await build({
    entryPoints: [fileURLToPath(entry)],
    outfile: path,
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@telltale/source'],
    external: ['@duckdb/*', 'better-sqlite3'],
    logLevel: 'error',
  })
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
