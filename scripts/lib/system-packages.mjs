/** Debian packages that a step cannot do without: installed where we may, named plainly where we may not. */
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { commandExists, run } from './process.mjs'
import { heartbeat, say } from './terminal.mjs'

/**
 * Installs packages with apt-get as root or through a sudo that asks no password.
 *
 * @returns {Promise<string | null>} null when they are installed, else why not.
 */
export async function installDebianPackages(packages) {
  const command = `apt-get install -y ${packages.join(' ')}`
  if (!existsSync('/usr/bin/apt-get')) return `this system has no apt-get; install ${packages.join(', ')} its own way`
  const isRoot = process.getuid?.() === 0
  if (
    !isRoot &&
    !((await commandExists('sudo')) && (await run('sudo', ['-n', 'true'], { capture: true })).code === 0)
  ) {
    return `it takes root: run  sudo ${command}`
  }
  const aptGet = (...args) =>
    run(isRoot ? 'apt-get' : 'sudo', isRoot ? args : ['-n', 'apt-get', ...args], {
      capture: true,
      env: { DEBIAN_FRONTEND: 'noninteractive' },
    })

  say(`  Installing ${packages.join(', ')} with apt-get`)
  const stop = heartbeat(`apt-get install ${packages.join(' ')}`)
  try {
    const install = () => aptGet('install', '-y', '--no-install-recommends', ...packages)
    let result = await install()
    if (result.code !== 0) {
      // Fresh images come without package lists.
      await aptGet('update')
      result = await install()
    }
    if (result.code === 0) return null
    return `${command} failed:\n${result.output.trim().split('\n').slice(-6).join('\n')}`
  } finally {
    stop()
  }
}

const chromiumPaths = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Where Chromium is, or null. `TELLTALE_CHROMIUM` names another. */
export function findChromium() {
  return [process.env.TELLTALE_CHROMIUM, ...chromiumPaths].find((path) => path && existsSync(path)) ?? null
}

/**
 * Makes sure of Chromium for the browser tests.
 *
 * @returns {Promise<{ path: string } | { missing: string }>}
 */
export async function ensureChromium() {
  const found = findChromium()
  if (found) return { path: found }
  const problem = await installDebianPackages(['chromium'])
  const path = findChromium()
  if (path) return { path }
  return { missing: `Chromium is missing: ${problem ?? 'apt-get installed it, but not where we look'}` }
}

/**
 * Makes sure of strace, under which the collector's system calls are watched.
 *
 * @returns {Promise<string | null>} null when it is there, else why not.
 */
export async function ensureStrace() {
  if (await commandExists('strace')) return null
  return installDebianPackages(['strace'])
}

/** Debian keeps the servers of each version in a folder that is in nobody's path. */
const postgresVersions = '/usr/lib/postgresql'

/** The folder with `initdb` and `postgres`, or null. `TELLTALE_POSTGRES_BIN` names another. */
export function findPostgresBin() {
  const installed = existsSync(postgresVersions)
    ? readdirSync(postgresVersions)
        .sort((a, b) => Number(b) - Number(a))
        .map((version) => join(postgresVersions, version, 'bin'))
    : []
  const candidates = [process.env.TELLTALE_POSTGRES_BIN, ...installed, ...searchPath()]
  return candidates.find((folder) => folder && existsSync(join(folder, 'initdb'))) ?? null
}

/** Where `redis-server` is, or null. `TELLTALE_REDIS_SERVER` names another. */
export function findRedisServer() {
  const candidates = [process.env.TELLTALE_REDIS_SERVER, ...searchPath().map((folder) => join(folder, 'redis-server'))]
  return candidates.find((path) => path && existsSync(path)) ?? null
}

function searchPath() {
  return (process.env.PATH ?? '').split(delimiter).filter(Boolean)
}

/**
 * Makes sure of the servers that tests of instruments talk to.
 *
 * @returns {Promise<{ env: Record<string, string> } | { missing: string }>} `env` tells the tests where they are.
 */
export async function ensureServers() {
  const wanted = [
    ...(findRedisServer() ? [] : ['redis-server']),
    // The server of the current version, and the one tool that sets a folder up.
    ...(findPostgresBin() ? [] : ['postgresql']),
  ]
  const problem = wanted.length > 0 ? await installDebianPackages(wanted) : null
  const redis = findRedisServer()
  const postgres = findPostgresBin()
  if (redis && postgres) return { env: { TELLTALE_REDIS_SERVER: redis, TELLTALE_POSTGRES_BIN: postgres } }
  return { missing: `${wanted.join(' and ')} missing: ${problem ?? 'apt-get installed it, but not where we look'}` }
}
