import { defineConfig } from 'tsup'
import { base, bundledTypes } from '../../tsup.base.js'

export default defineConfig([
  {
    // For bundlers: lit and uplot stay imports, so that a host page shares its own copies.
    ...base,
    entry: ['src/index.ts'],
    platform: 'browser',
    target: 'es2022',
    dts: bundledTypes(),
  },
  {
    // For one <script type="module">: everything in one minified file.
    ...base,
    entry: { widgets: 'src/index.ts' },
    platform: 'browser',
    target: 'es2022',
    noExternal: [/.*/],
    minify: true,
    define: { 'process.env.NODE_ENV': '"production"' },
  },
])
