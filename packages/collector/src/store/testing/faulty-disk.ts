/**
 * A layer over `node:fs/promises` that tells of each operation before it happens, may fail it, and knows what a power loss
 * would take away: contents that were not flushed, and names whose folder was not.
 *
 * A test file mocks that module with `watchedFs`. What SQLite and DuckDB do by themselves is told by the engine's probe.
 */
import { cpSync, existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import type * as promises from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'

type Fs = typeof promises

export interface Operation {
  name: string
  path: string
}

class FaultyDisk {
  /** Called before each operation; may throw. */
  before: (operation: Operation) => void = () => {}
  readonly #unflushed = new Set<string>()
  /** New names by folder, with the names from before; null: there was none. */
  readonly #unsynced = new Map<string, Map<string, string | null>>()

  reset(): void {
    this.before = () => {}
    this.#unflushed.clear()
    this.#unsynced.clear()
  }

  /** For operations that are not the file system's own, as the engine's probe tells them. */
  readonly probe = (name: string): void => this.before({ name, path: '' })

  written(path: string): void {
    this.#unflushed.add(path)
    this.#named(path, null)
  }

  flushed(path: string): void {
    this.#unflushed.delete(path)
    this.#unsynced.delete(path)
  }

  renamed(from: string, to: string): void {
    if (this.#unflushed.delete(from)) this.#unflushed.add(to)
    this.#unsynced.get(dirname(from))?.delete(from)
    this.#named(to, from)
  }

  /** A copy of the folder as a kill would leave it. */
  copy(dataDir: string, image: string): void {
    cpSync(dataDir, image, { recursive: true })
  }

  /** … and as a power loss might. */
  copyAfterPowerLoss(dataDir: string, image: string): void {
    this.copy(dataDir, image)
    const inImage = (path: string) => join(image, relative(dataDir, path))
    for (const path of this.#unflushed) {
      const copy = inImage(path)
      // The name may have reached the disk, and none of the bytes, or others.
      if (existsSync(copy)) writeFileSync(copy, Buffer.alloc(statSync(copy).size, 0x5a))
    }
    for (const names of this.#unsynced.values()) {
      for (const [path, before] of names) {
        const copy = inImage(path)
        if (!existsSync(copy)) continue
        if (before === null) rmSync(copy, { recursive: true })
        else renameSync(copy, inImage(before))
      }
    }
  }

  #named(path: string, before: string | null): void {
    const folder = dirname(path)
    const names = this.#unsynced.get(folder) ?? new Map<string, string | null>()
    this.#unsynced.set(folder, names.set(path, before))
  }
}

export const faultyDisk = new FaultyDisk()

export async function watchedFs(original: () => Promise<unknown>): Promise<Fs> {
  const real = (await original()) as Fs
  const told = async <T>(name: string, path: unknown, run: () => Promise<T>): Promise<T> => {
    faultyDisk.before({ name, path: String(path) })
    return run()
  }
  return {
    ...real,
    open: ((path, ...rest) =>
      told('open', path, async () => {
        const handle = await real.open(path, ...rest)
        const sync = handle.sync.bind(handle)
        handle.sync = () =>
          told('fsync', path, async () => {
            await sync()
            faultyDisk.flushed(String(path))
          })
        return handle
      })) as Fs['open'],
    rename: (from, to) =>
      told('rename', from, async () => {
        await real.rename(from, to)
        faultyDisk.renamed(String(from), String(to))
      }),
    stat: ((path, options) => told('stat', path, () => real.stat(path, options as never))) as Fs['stat'],
    rm: (path, options) => told('rm', path, () => real.rm(path, options)),
    mkdir: ((path, options) => told('mkdir', path, () => real.mkdir(path, options as never))) as Fs['mkdir'],
  }
}
