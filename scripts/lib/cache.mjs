/** What the scripts remember between runs: small JSON files under node_modules/.cache/telltale, never committed. */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { root } from './process.mjs'

const folder = join(root, 'node_modules/.cache/telltale')

export function cachePath(name) {
  return join(folder, name)
}

export function recall(name) {
  try {
    return JSON.parse(readFileSync(cachePath(`${name}.json`), 'utf8'))
  } catch {
    return null
  }
}

export function remember(name, value) {
  const path = cachePath(`${name}.json`)
  mkdirSync(dirname(path), { recursive: true })
  const temporary = `${path}.${process.pid}`
  writeFileSync(temporary, JSON.stringify(value))
  renameSync(temporary, path)
}

/** SHA-256 over the names and contents of files, or of all files below folders; what does not exist counts as empty. */
export function fingerprint(paths, keep = () => true) {
  const hash = createHash('sha256')
  const visit = (path) => {
    let entries
    try {
      entries = readdirSync(path, { withFileTypes: true })
    } catch (error) {
      if (error.code === 'ENOTDIR') {
        hash
          .update(`${relative(root, path)}\0`)
          .update(readFileSync(path))
          .update('\0')
      }
      return
    }
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (keep(entry.name)) visit(join(path, entry.name))
    }
  }
  for (const path of paths) visit(join(root, path))
  return hash.digest('hex')
}
