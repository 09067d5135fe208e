/** The page at `/`: static files, its script, and the widgets that it is made of. */
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { defineConfig } from 'tsup'
import { base, outDir } from '../../tsup.base.js'

const publicDir = process.env.TELLTALE_OUT_DIR ? outDir : join(outDir, 'public')

export default defineConfig({
  ...base,
  entry: { overview: 'app/overview.ts' },
  outDir: publicDir,
  publicDir: 'app/static',
  platform: 'browser',
  target: 'es2022',
  minify: true,
  noExternal: [/.*/],
  async onSuccess() {
    await copyFile('../widgets/dist/widgets.js', join(publicDir, 'widgets.js'))
  },
})
