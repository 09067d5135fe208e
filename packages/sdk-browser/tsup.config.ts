import { defineConfig } from 'tsup'
import { base, bundledTypes } from '../../tsup.base.js'
import { scriptTag } from './tsup.script.config.js'

/** The extras import the core by its name, so that page and extras share one client, however they are bundled. */
const core = '@telltale/sdk-browser'
const entry = {
  index: 'src/index.ts',
  vitals: 'src/entries/vitals.ts',
  errors: 'src/entries/errors.ts',
  clicks: 'src/entries/clicks.ts',
  fetch: 'src/entries/fetch.ts',
}

export default defineConfig([
  {
    // sdk-core and web-vitals are bundled in: nothing else to download. The queue on disk is a chunk of its own.
    ...base,
    entry,
    external: [core],
    platform: 'browser',
    target: 'es2022',
    splitting: true,
    dts: bundledTypes(),
  },
  {
    ...base,
    entry,
    external: [core],
    format: ['cjs'],
    platform: 'browser',
    target: 'es2022',
    dts: bundledTypes(),
  },
  scriptTag,
])
