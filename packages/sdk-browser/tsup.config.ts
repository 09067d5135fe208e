import { defineConfig } from 'tsup'
import { base, bundledTypes } from '../../tsup.base.js'

// sdk-core and protocol are bundled in: nothing else to download.
export default defineConfig({
  ...base,
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  platform: 'browser',
  target: 'es2022',
  dts: bundledTypes(),
})
