/**
 * Holds a data folder for one collector. The lock is SQLite's own exclusive lock on a small file: the kernel drops it
 * when the process ends, however it ends, so that a kill leaves nothing to clean up.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { TelltaleError } from '../errors.js'
import { codeOf, storageError } from './storage-error.js'

export interface FolderLock {
  release(): void
}

export function lockFolder(dataDir: string): FolderLock {
  const pidFile = join(dataDir, 'lock.pid')
  const db = new Database(join(dataDir, 'lock'), { timeout: 0 })
  try {
    db.pragma('journal_mode = MEMORY')
    db.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    db.close()
    if (!codeOf(error).startsWith('SQLITE_BUSY')) throw storageError(error, `lock the data folder ${dataDir}`)
    throw new TelltaleError(
      'storage_unavailable',
      `The data folder ${dataDir} is in use by another collector${holder(pidFile)}. Stop it, or choose another folder with --data-dir.`,
    )
  }
  writeFileSync(pidFile, String(process.pid), { mode: 0o600 })
  return {
    release() {
      rmSync(pidFile, { force: true })
      db.close()
    },
  }
}

function holder(pidFile: string): string {
  try {
    return ` (process ${Number(readFileSync(pidFile, 'utf8'))})`
  } catch {
    return ''
  }
}
