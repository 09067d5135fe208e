/**
 * Builds the targets whose sources changed since their last build, two at a time.
 *
 * A target is built into a folder beside its own and then moved over file by file, so that a build that fails leaves the last
 * good files in place, and a collector that runs from them never sees half a file.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fingerprint, recall, remember } from './cache.mjs'
import { withLock } from './lock.mjs'
import { root, runNode } from './process.mjs'
import { targets } from './targets.mjs'
import { dim, duration, green, Halt, heading, red, say } from './terminal.mjs'

const tsup = join(root, 'node_modules/tsup/dist/cli-default.js')
const concurrency = 2
const isSource = (name) => !/\.test\.ts$/.test(name) && name !== '__screenshots__' && name !== 'node_modules'

/**
 * @param {string[]} names Targets; empty means all.
 * @param {{ force?: boolean, title?: string }} [options] `title` heads the output, where there is any.
 * @returns {Promise<string[]>} Names of the targets that were built.
 */
export async function build(names = [], { force = false, title } = {}) {
  const unknown = names.filter((name) => !targets.some((target) => target.name === name))
  if (unknown.length > 0) {
    throw new Halt(
      `Unknown target ${unknown.join(', ')}. There are: ${targets.map((target) => target.name).join(', ')}`,
    )
  }
  const wanted = targets.filter((target) => names.length === 0 || names.includes(target.name))
  return withLock('build', async () => {
    const stale = wanted
      .map((target) => ({ target, print: fingerprint(target.inputs, isSource) }))
      .filter(({ target, print }) => force || !isFresh(target, print))
    if (title && stale.length > 0) heading(title)
    const failed = await buildAll(stale)
    if (failed.length > 0) throw new Halt(`The build of ${failed.join(', ')} failed; see above`)
    return stale.map(({ target }) => target.name)
  })
}

function isFresh(target, print) {
  return recall(`build-${target.name}`)?.print === print && target.outputs.every((file) => existsSync(join(root, file)))
}

async function buildAll(stale) {
  const waiting = [...stale]
  const failed = []
  const running = new Map()
  while (waiting.length > 0 || running.size > 0) {
    const unfinished = new Set([...running.keys(), ...waiting.map(({ target }) => target.name)])
    const next = waiting.findIndex(({ target }) => target.after.every((name) => !unfinished.has(name)))
    if (next >= 0 && running.size < concurrency) {
      const [job] = waiting.splice(next, 1)
      const { name } = job.target
      running.set(
        name,
        buildOne(job).then((ok) => {
          if (!ok) failed.push(name)
          running.delete(name)
        }),
      )
      continue
    }
    await Promise.race(running.values())
  }
  return failed
}

async function buildOne({ target, print }) {
  const startedMs = Date.now()
  const cwd = join(root, target.cwd)
  const outDir = join(root, target.outDir)
  // Beside the final folder, so that the relative paths in source maps hold.
  const staging = `${outDir}-${process.pid}`
  try {
    const { code, output } = await runNode(tsup, ['--config', target.config], {
      cwd,
      capture: true,
      env: { TELLTALE_OUT_DIR: staging, NODE_ENV: 'production' },
    })
    if (code !== 0) {
      say(`  ${red('✗')} ${target.name}\n${output.trim()}`)
      return false
    }
    const missing = target.outputs.filter((file) => !existsSync(join(staging, file.slice(target.outDir.length + 1))))
    if (missing.length > 0) {
      say(`  ${red('✗')} ${target.name}: the build made no ${missing.join(', ')}`)
      return false
    }
    const files = replace(staging, outDir, recall(`build-${target.name}`)?.files ?? [])
    remember(`build-${target.name}`, { print, files })
    say(`  ${green('✓')} ${target.name} ${dim(duration(Date.now() - startedMs))}`)
    return true
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
}

/** Moves every file of `from` over `to`, then removes what only the previous build had. Returns the new file list. */
function replace(from, to, previous) {
  const files = readdirSync(from, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(from.length + 1))
    .sort()
  for (const file of files) {
    mkdirSync(dirname(join(to, file)), { recursive: true })
    renameSync(join(from, file), join(to, file))
  }
  const current = new Set(files)
  for (const file of previous) {
    if (!current.has(file)) rmSync(join(to, file), { force: true })
  }
  return files
}
