import { defineConfig } from 'tsup'
import { base, bundledTypes } from '../../tsup.base.js'

export default defineConfig([
  {
    // For bundlers: lit stays an import, so that a host page shares its own copy.
    ...base,
    splitting: true,
    entry: ['src/index.ts'],
    platform: 'browser',
    target: 'es2022',
    dts: bundledTypes(),
  },
  {
    // For one <script type="module">: minified, with what only some pages need (files, other languages) in parts of its own.
    ...base,
    splitting: true,
    esbuildOptions(options, context) {
      base.esbuildOptions?.(options, context)
      options.chunkNames = 'widgets-[name]-[hash]'
    },
    entry: { widgets: 'src/index.ts' },
    platform: 'browser',
    target: 'es2022',
    noExternal: [/.*/],
    minify: true,
    define: { 'process.env.NODE_ENV': '"production"' },
  },
])
