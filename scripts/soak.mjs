/** `npm run test:soak [-- --rounds N]`: the long crash, fault and load loops, against a real collector. */
import { build } from './lib/build.mjs'
import { checkNodeVersion } from './lib/node-version.mjs'
import { setUp } from './lib/set-up.mjs'
import { ensureStrace } from './lib/system-packages.mjs'
import { Halt, heading, main, say } from './lib/terminal.mjs'
import { runVitest } from './lib/vitest.mjs'

const store = 'packages/collector/src/store'

/** Tests of the default suite that are a sample there: all of it. */
const longForms = (rounds = '200') => [
  ['kills', ['--project', 'blackbox', 'test/collector/faults.test.ts', '-t', 'kill -9'], { TELLTALE_KILLS: rounds }],
  ['store-kills', ['--project', 'unit', `${store}/crash.test.ts`], { TELLTALE_CRASH_KILLS: rounds }],
  ['operations', ['--project', 'unit', `${store}/every-operation.test.ts`], { TELLTALE_OPERATION_STRIDE: '1' }],
  ['damage', ['--project', 'unit', `${store}/damage.test.ts`], { TELLTALE_DAMAGES: '1000' }],
  ['payloads', ['--project', 'unit', 'packages/collector/src/ingest/pipeline.fuzz.test.ts'], { FUZZ_CASES: '1000000' }],
]

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
  const results = [await runVitest('soak', ['--project', 'soak'], rounds ? { TELLTALE_SOAK_ROUNDS: rounds } : {})]
  for (const [name, args, env] of longForms(rounds)) results.push(await runVitest(`soak-${name}`, args, env))
  const passed = results.reduce((sum, result) => sum + result.passed, 0)
  const failed = results.reduce((sum, result) => sum + result.failed, 0)
  if (failed > 0) process.exitCode = 1
  say(`\n${passed} passed, ${failed} failed`)
})
