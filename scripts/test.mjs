/**
 * `npm test [step…]`: everything that must hold, from types to a real browser. A step that fails does not stop the ones
 * after it. Ends with the line "N passed, N failed"; tools without counts of their own count as one test each.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from './lib/build.mjs'
import { lockfileProblems } from './lib/lockfile.mjs'
import { checkNodeVersion } from './lib/node-version.mjs'
import { root, runNode } from './lib/process.mjs'
import { setUp } from './lib/set-up.mjs'
import { limits, measure } from './lib/sizes.mjs'
import { ensureChromium, ensureServers } from './lib/system-packages.mjs'
import { dim, duration, green, Halt, heading, main, red, say } from './lib/terminal.mjs'
import { runVitest } from './lib/vitest.mjs'

const tool = (path) => join(root, 'node_modules', path)
const pass = { passed: 1, failed: 0 }
const fail = { passed: 0, failed: 1 }

/** A command that is one test: green when its exit code is 0. */
const command = (file, args) => async () => ((await runNode(file, args)).code === 0 ? pass : fail)

const steps = [
  ['types', 'Types: tsc', command(tool('typescript/bin/tsc'), ['-b'])],
  [
    'format',
    'Lint and format: biome',
    command(tool('@biomejs/biome/bin/biome'), ['check', '--error-on-warnings', '.']),
  ],
  [
    'imports',
    'Import arrows: dependency-cruiser',
    command(tool('dependency-cruiser/bin/dependency-cruise.mjs'), [
      '--config',
      '.dependency-cruiser.cjs',
      'packages',
      'examples',
    ]),
  ],
  ['unused', 'Unused files, exports and dependencies: knip', command(tool('knip/bin/knip.js'), ['--no-progress'])],
  ['lockfile', 'Lockfile: complete, and without download addresses', lockfile],
  ['sizes', 'Bytes of the chart tags', sizes],
  ['build', 'Build', buildAll],
  ['unit', 'Unit tests', () => besideServers('unit', ['--project', 'unit'])],
  ['blackbox', 'Black-box tests', () => runVitest('blackbox', ['--project', 'blackbox'])],
  [
    'widgets',
    'Widgets in Chromium',
    () => inBrowser('widgets', ['--config', 'packages/widgets/vitest.browser.config.ts']),
  ],
  ['page', 'The page in Chromium', () => inBrowser('page', ['--project', 'page'])],
  ['publish', 'Published shape: publint, are the types wrong', publish],
]

async function lockfile() {
  const problems = lockfileProblems(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')))
  if (problems.length === 0) return pass
  for (const problem of problems) say(`  package-lock.json: ${problem}`)
  say('  npm run lockfile completes it')
  return fail
}

async function sizes() {
  let failed = 0
  for (const limit of limits) {
    const { name, limitBytes, aimBytes } = limit
    const { bytes, laterBytes, later } = await measure(limit)
    const isFine = bytes <= limitBytes
    if (!isFine) failed++
    say(
      `  ${isFine ? green('✓') : red('✗')} ${name}: ${bytes} of ${limitBytes} bytes gzip; the aim is ${aimBytes}; ${laterBytes} more on first use`,
    )
    say(`      ${later.map((part) => `${part.name} ${part.bytes}`).join(', ')}`)
  }
  return { passed: limits.length - failed, failed }
}

async function buildAll() {
  await build()
  return pass
}

async function besideServers(name, args) {
  const servers = await ensureServers()
  // Without them the tests that need one fail and say what to do; all others still run.
  if ('missing' in servers) say(`  ${servers.missing}`)
  return runVitest(name, args, servers.env)
}

async function inBrowser(name, args) {
  const chromium = await ensureChromium()
  if ('missing' in chromium) throw new Halt(chromium.missing)
  return runVitest(name, args, { TELLTALE_CHROMIUM: chromium.path })
}

async function publish() {
  const results = []
  for (const name of ['protocol', 'sdk-node', 'sdk-browser', 'widgets']) {
    results.push(await checkPackage(name, 'publint/src/cli.js', ['--strict']))
  }
  // The SDKs are imported and required, by every kind of module resolution that knows of `exports`; `sdk.js` is for script tags.
  for (const name of ['sdk-node', 'sdk-browser']) {
    const args = ['--profile', 'node16', '--pack', '--exclude-entrypoints', 'sdk.js', '--']
    results.push(await checkPackage(name, '@arethetypeswrong/cli/dist/index.js', args))
  }
  return results.reduce((sum, { passed, failed }) => ({ passed: sum.passed + passed, failed: sum.failed + failed }))
}

async function checkPackage(name, file, args) {
  const { code, output } = await runNode(tool(file), [...args, `packages/${name}`], { capture: true })
  say(`  ${code === 0 ? green('✓') : red('✗')} ${name}`)
  if (code !== 0) say(output.trim())
  return code === 0 ? pass : fail
}

async function runStep([name, title, work]) {
  heading(title)
  const startedMs = Date.now()
  let counts = fail
  try {
    counts = await work()
  } catch (error) {
    say(`  ${error instanceof Halt ? error.message : error.stack}`)
  }
  const tookMs = Date.now() - startedMs
  say(dim(`  ${counts.passed} passed, ${counts.failed} failed in ${duration(tookMs)}`))
  return { name, title, tookMs, ...counts }
}

await main(async () => {
  checkNodeVersion()
  const wanted = process.argv.slice(2).filter((arg) => !arg.startsWith('-'))
  const unknown = wanted.filter((name) => !steps.some((step) => step[0] === name))
  if (unknown.length > 0) {
    throw new Halt(`Unknown step ${unknown.join(', ')}. There are: ${steps.map((step) => step[0]).join(', ')}`)
  }
  await setUp()
  const results = []
  for (const step of steps) {
    if (wanted.length === 0 || wanted.includes(step[0])) results.push(await runStep(step))
  }
  heading('Summary')
  for (const { title, passed, failed, tookMs } of results) {
    say(
      `  ${failed === 0 ? green('✓') : red('✗')} ${title} ${dim(`${passed} passed, ${failed} failed, ${duration(tookMs)}`)}`,
    )
  }
  const total = (key) => results.reduce((sum, result) => sum + result[key], 0)
  if (total('failed') > 0) process.exitCode = 1
  say()
  // Programs read this last line: no colours in it.
  say(`${total('passed')} passed, ${total('failed')} failed`)
})
