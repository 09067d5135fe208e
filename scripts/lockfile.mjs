/** `npm run lockfile`: completes package-lock.json after an install from a registry that lacks packages of other platforms. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { completeLockfile, lockfileProblems } from './lib/lockfile.mjs'
import { root } from './lib/process.mjs'
import { main, say } from './lib/terminal.mjs'

await main(async () => {
  const path = join(root, 'package-lock.json')
  const lock = JSON.parse(readFileSync(path, 'utf8'))
  const before = lockfileProblems(lock)
  if (before.length === 0) return say('package-lock.json is complete')
  const completed = completeLockfile(lock)
  writeFileSync(path, `${JSON.stringify(completed, null, 2)}\n`)
  say(`Completed ${before.length - lockfileProblems(completed).length} entries`)
})
