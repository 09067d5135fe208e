/** The build for one `<script>`: everything in one minified file, under one global. The collector serves it as `/sdk.js`. */
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Options } from 'tsup'
import { base } from '../../tsup.base.js'

const root = resolve(dirname(fileURLToPath(import.meta.url)))

export const scriptTag: Options = {
  ...base,
  entry: { sdk: resolve(root, 'src/entries/script.ts') },
  format: ['iife'],
  globalName: 'telltale',
  platform: 'browser',
  target: 'es2022',
  minify: true,
  noExternal: [/.*/],
  outExtension: () => ({ js: '.js' }),
}
