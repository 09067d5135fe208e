/** The page at `/`: static files, its script, and the widgets that it is made of; and the browser SDK for script tags. */
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { defineConfig } from 'tsup'
import { base, outDir } from '../../tsup.base.js'
import { scriptTag } from '../sdk-browser/tsup.script.config.js'

const publicDir = process.env.TELLTALE_OUT_DIR ? outDir : join(outDir, 'public')

/** In this order: what comes later may say more about what came before. One file, so that a page waits for one. */
const styles = ['base', 'shell', 'parts', 'overview', 'entry', 'dashboards', 'tasks', 'catalogue', 'settings', 'print']

export default defineConfig([
  {
    ...base,
    entry: { overview: 'app/overview.ts' },
    outDir: publicDir,
    publicDir: 'app/static',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    noExternal: [/.*/],
    async onSuccess() {
      const sheets = await Promise.all(styles.map((name) => readFile(`app/styles/${name}.css`, 'utf8')))
      await writeFile(join(publicDir, 'app.css'), sheets.join('\n'))
      // The bundle and the parts that it loads when they are needed.
      const parts = (await readdir('../widgets/dist')).filter((name) => /^widgets(-[\w-]+)?\.js$/.test(name))
      for (const name of parts) await copyFile(`../widgets/dist/${name}`, join(publicDir, name))
    },
  },
  { ...scriptTag, outDir: publicDir },
])
