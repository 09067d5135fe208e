/** Temporary data folders for tests. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'telltale-store-'))
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}

/** Keeps test data of fixed dates, whatever the date is when tests run. */
export const keepForever = Object.fromEntries(
  ['rawMs', '1mMs', '5mMs', '1hMs', '1dMs', 'eventsMs'].map((name) => [name, 1e14]),
)
