/**
 * `npm run bench [name…]`: runs the benchmarks of `bench/` one after the other, each in a process of its own, and sums up
 * what they wrote to `bench/results/`.
 */
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { arch, cpus, platform, release, totalmem } from 'node:os'
import { basename, join } from 'node:path'
import { build } from './lib/build.mjs'
import { checkNodeVersion } from './lib/node-version.mjs'
import { root, run } from './lib/process.mjs'
import { setUp } from './lib/set-up.mjs'
import { bold, dim, duration, Halt, heading, main, red, say } from './lib/terminal.mjs'

const folder = join(root, 'bench')
const results = join(folder, 'results')

function machine() {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memory_gb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    system: `${platform()} ${release()} ${arch()}`,
  }
}

/** Benchmarks are the scripts directly in bench/: helpers live in bench/lib. */
function benchmarks() {
  return readdirSync(folder)
    .filter((file) => /\.(mjs|ts)$/.test(file) && !/\.(config|test|d)\.ts$/.test(file))
    .sort()
    .map((file) => ({ name: basename(file).replace(/\.(mjs|ts)$/, ''), file: join(folder, file) }))
}

/** JSON results written since `sinceMs`, newest last. */
function resultsSince(sinceMs) {
  if (!existsSync(results)) return []
  return readdirSync(results)
    .filter((file) => file.endsWith('.json') && file !== 'machine.json')
    .map((file) => ({ file, changedMs: statSync(join(results, file)).mtimeMs }))
    .filter(({ changedMs }) => changedMs >= sinceMs)
    .map(({ file }) => file)
    .sort()
}

await main(async () => {
  checkNodeVersion()
  await setUp()
  const all = benchmarks()
  const wanted = process.argv.slice(2).filter((arg) => !arg.startsWith('-'))
  const unknown = wanted.filter((name) => !all.some((one) => one.name === name))
  if (unknown.length > 0) {
    throw new Halt(`Unknown benchmark ${unknown.join(', ')}. There are: ${all.map(({ name }) => name).join(', ')}`)
  }
  await build([], { title: 'Build' })

  const here = machine()
  mkdirSync(results, { recursive: true })
  writeFileSync(join(results, 'machine.json'), `${JSON.stringify(here, null, 2)}\n`)
  say(`\n${here.cpu}, ${here.cores} cores, ${here.memory_gb} GB, Node ${here.node}, ${here.system}`)
  const outcomes = []
  for (const { name, file } of all) {
    if (wanted.length > 0 && !wanted.includes(name)) continue
    heading(name)
    const startedMs = Date.now()
    const { code } = await run(process.execPath, nodeArguments(file))
    outcomes.push({ name, code, tookMs: Date.now() - startedMs, files: resultsSince(startedMs) })
  }
  heading('Benchmarks')
  for (const { name, code, tookMs, files } of outcomes) {
    const note = code === 0 ? dim(`${duration(tookMs)}  ${files.join(', ')}`) : red(`failed with exit code ${code}`)
    say(`  ${bold(name.padEnd(14))} ${note}`)
  }
  if (outcomes.some(({ code }) => code !== 0)) process.exitCode = 1
})

/** TypeScript benchmarks are bundled on the fly by a loader of ours; plain ones run as they are. `gc` is for heap figures. */
function nodeArguments(file) {
  const flags = ['--expose-gc', '--conditions=@telltale/source']
  if (file.endsWith('.ts')) flags.push('--import', new URL('./lib/typescript-loader.mjs', import.meta.url).href)
  return [...flags, file]
}
