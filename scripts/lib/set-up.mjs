/**
 * Installs the dependencies when they are missing or no longer what package-lock.json says, and makes sure that the
 * native module loads. Takes a few milliseconds when there is nothing to do.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { recall, remember } from './cache.mjs'
import { commandExists, root, run, runNpm } from './process.mjs'
import { installDebianPackages } from './system-packages.mjs'
import { dim, duration, Halt, heading, heartbeat, say } from './terminal.mjs'

const compilers = ['python3', 'make', 'g++']
/** node-gyp writes it before it compiles; a downloaded binary comes without. */
const compilingSign = join(root, 'node_modules/better-sqlite3/build/Makefile')

export async function setUp() {
  const lock = readFileSync(join(root, 'package-lock.json'))
  const stamp = { lock: createHash('sha256').update(lock).digest('hex'), abi: process.versions.modules }
  const known = recall('install')
  if (known?.lock === stamp.lock && known.abi === stamp.abi) return
  if (!isInstalled(JSON.parse(lock.toString('utf8')))) await install()
  await ensureNativeModule()
  remember('install', stamp)
}

/** Compares what npm says it installed with the lockfile, so that a plain `npm install` or `npm ci` by hand is respected. */
export function isInstalled(lock, hiddenLockPath = join(root, 'node_modules/.package-lock.json')) {
  let installed
  try {
    installed = JSON.parse(readFileSync(hiddenLockPath, 'utf8')).packages
  } catch {
    return false
  }
  return Object.entries(lock.packages).every(([path, wanted]) => {
    if (path === '') return true
    const found = installed[path]
    // Builds for other platforms and peers that nobody asked for are rightly absent.
    if (!found) return Boolean(wanted.optional || wanted.peer || wanted.devOptional)
    return found.version === wanted.version && Boolean(found.link) === Boolean(wanted.link)
  })
}

async function install() {
  heading('Install dependencies')
  say(dim('  npm ci: a few hundred packages; one of them, better-sqlite3, may have to be compiled'))
  const startedMs = Date.now()
  let result = await npmCi()
  if (result.code !== 0 && (await installCompilers())) result = await npmCi()
  if (result.code !== 0) {
    throw new Halt(`npm ci failed.${compilerAdvice(await missingCompilers())}\n  Its log is named above.`)
  }
  say(`  Installed in ${duration(Date.now() - startedMs)}`)
}

async function npmCi() {
  let announced = false
  const watch = setInterval(() => {
    if (announced || !existsSync(compilingSign)) return
    announced = true
    say('  Compiling better-sqlite3 for this machine: this takes about a minute, once')
  }, 500)
  const stop = heartbeat(() => (announced ? 'compiling better-sqlite3' : 'npm ci'))
  try {
    // Test tools are devDependencies: they are wanted whatever NODE_ENV says.
    return await runNpm(['ci', '--include=dev', '--no-audit', '--no-fund'], { env: { npm_config_loglevel: 'error' } })
  } finally {
    clearInterval(watch)
    stop()
  }
}

/** Loads better-sqlite3 in a process of its own: a module that was built for another Node may crash ours. */
async function ensureNativeModule() {
  if (await nativeModuleLoads()) return
  heading('Compile better-sqlite3')
  say('  The installed one does not load in this Node. This takes about a minute, once')
  const rebuild = async () => {
    const stop = heartbeat('compiling better-sqlite3')
    try {
      return await runNpm(['rebuild', 'better-sqlite3', '--foreground-scripts'], { capture: true })
    } finally {
      stop()
    }
  }
  let result = await rebuild()
  if (!(await nativeModuleLoads()) && (await installCompilers())) result = await rebuild()
  if (await nativeModuleLoads()) return
  throw new Halt(
    `better-sqlite3 could not be built.${compilerAdvice(await missingCompilers())}\n${result.output.trim().split('\n').slice(-15).join('\n')}`,
  )
}

async function nativeModuleLoads() {
  const { resolve } = createRequire(join(root, 'packages/collector/package.json'))
  try {
    const script = `new (require(${JSON.stringify(resolve('better-sqlite3'))}))(':memory:').close()`
    return (await run(process.execPath, ['-e', script], { capture: true })).code === 0
  } catch {
    return false
  }
}

async function missingCompilers() {
  const present = await Promise.all(compilers.map(commandExists))
  return compilers.filter((_, index) => !present[index])
}

/** True when something was missing and is there now. */
async function installCompilers() {
  const missing = await missingCompilers()
  if (missing.length === 0) return false
  say(
    `  better-sqlite3 needs a compiler here, and ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing`,
  )
  const problem = await installDebianPackages(missing)
  if (problem) say(`  ${problem}`)
  return problem === null
}

function compilerAdvice(missing) {
  if (missing.length === 0) return ''
  return `\n  better-sqlite3 has no ready binary for this machine, and compiling it takes ${compilers.join(', ')}.\n  Install ${missing.join(', ')} (Debian: apt-get install -y ${missing.join(' ')}), then run this again.`
}
