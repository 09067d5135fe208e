/** `npm run build [target…] [--force]`: builds what is stale. */
import { build } from './lib/build.mjs'
import { checkNodeVersion } from './lib/node-version.mjs'
import { setUp } from './lib/set-up.mjs'
import { heading, main, say } from './lib/terminal.mjs'

await main(async () => {
  checkNodeVersion()
  await setUp()
  heading('Build')
  const args = process.argv.slice(2)
  const built = await build(
    args.filter((arg) => !arg.startsWith('-')),
    { force: args.includes('--force') },
  )
  if (built.length === 0) say('  Everything is up to date')
})
