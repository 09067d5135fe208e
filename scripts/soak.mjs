/** `npm run test:soak [-- --rounds N]`: the long crash, fault and load loops, against a real collector. */
import { build } from './lib/build.mjs'
import { checkNodeVersion } from './lib/node-version.mjs'
import { setUp } from './lib/set-up.mjs'
import { ensureStrace } from './lib/system-packages.mjs'
import { Halt, heading, main, say } from './lib/terminal.mjs'
import { runVitest } from './lib/vitest.mjs'

await main(async () => {
  checkNodeVersion()
  await setUp()
  const problem = await ensureStrace()
  if (problem !== null) throw new Halt(`strace is missing: ${problem}`)
  await build([], { title: 'Build' })
  heading('Soak')
  const flag = process.argv.indexOf('--rounds')
  const rounds = flag > 0 ? process.argv[flag + 1] : undefined
  if (flag > 0 && !/^[1-9]\d*$/.test(rounds ?? '')) throw new Halt('--rounds takes a whole number from 1')
  const results = [
    await runVitest('soak', ['--project', 'soak'], rounds ? { TELLTALE_SOAK_ROUNDS: rounds } : {}),
    // The kill test of the default suite, for longer.
    await runVitest('soak-kills', ['--project', 'blackbox', 'test/collector/faults.test.ts', '-t', 'kill -9'], {
      TELLTALE_KILLS: rounds ?? '200',
    }),
  ]
  const passed = results.reduce((sum, result) => sum + result.passed, 0)
  const failed = results.reduce((sum, result) => sum + result.failed, 0)
  if (failed > 0) process.exitCode = 1
  say(`\n${passed} passed, ${failed} failed`)
})
