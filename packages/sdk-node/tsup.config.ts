import { defineConfig } from 'tsup'
import { base, bundledTypes } from '../../tsup.base.js'

// sdk-core and protocol are bundled in; undici stays a dependency.
export default defineConfig({
  ...base,
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  dts: bundledTypes(),
})
