/** A collector that writes its rows to segments within a second, and waiting until it has. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { CollectorProcess } from './collector.js'

const folder = mkdtempSync(join(tmpdir(), 'telltale-config-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

export function startSealing(): Promise<CollectorProcess> {
  const file = join(folder, 'config.json')
  writeFileSync(file, JSON.stringify({ storage: { sealInterval: '1s' } }))
  return CollectorProcess.start(['--config', file])
}

/** Files of the manifest, once there are some. */
export async function segmentsOf(dataDir: string): Promise<string[]> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const db = new Database(join(dataDir, 'journal.db'), { readonly: true })
    const rows = db.prepare<[], { file: string }>('SELECT file FROM segments ORDER BY id').all()
    db.close()
    if (rows.length > 0) return rows.map(({ file }) => file)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('No segment was written')
}
