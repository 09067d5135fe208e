import { defineConfig } from 'tsup'
import { base, bundledTypes } from '../../tsup.base.js'

export default defineConfig({
  ...base,
  entry: { index: 'src/index.ts', 'api/index': 'src/api/index.ts' },
  platform: 'neutral',
  target: 'es2022',
  splitting: true,
  dts: bundledTypes(),
})
