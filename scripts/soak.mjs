/** `npm run test:soak [-- --rounds N]`: the long crash, fault and load loops, against a real collector. */
import { build } from './lib/build.mjs'
import { checkNodeVersion } from './lib/node-version.mjs'
import { setUp } from './lib/set-up.mjs'
import { heading, main, say } from './lib/terminal.mjs'
import { runVitest } from './lib/vitest.mjs'

await main(async () => {
  checkNodeVersion()
  await setUp()
  await build()
  heading('Soak')
  const rounds = process.argv.indexOf('--rounds')
  const env = rounds > 0 ? { TELLTALE_SOAK_ROUNDS: process.argv[rounds + 1] } : {}
  const { passed, failed } = await runVitest('soak', ['--project', 'soak'], env)
  if (failed > 0) process.exitCode = 1
  say(`\n${passed} passed, ${failed} failed`)
})
