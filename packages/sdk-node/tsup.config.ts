import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { defineConfig } from 'tsup'
import { base, bundledTypes } from '../../tsup.base.js'

// The subpaths are a line each: what they name comes from the main entry, so that all share one client.
const subpaths = readdirSync(new URL('src/entries', import.meta.url))
const entry = Object.fromEntries(subpaths.map((file) => [basename(file, '.ts'), `src/entries/${file}`]))

// sdk-core and protocol are bundled in.
export default defineConfig({
  ...base,
  entry: { index: 'src/index.ts', ...entry },
  external: ['@telltale/sdk-node'],
  format: ['esm', 'cjs'],
  dts: bundledTypes(),
})
