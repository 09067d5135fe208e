/**
 * Where a backup goes: a folder, or the same as a tar stream. It grows under a temporary name beside its target and takes
 * the name only once it is whole and flushed, so that no half backup ever looks like one.
 */
import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Transform, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { crc32 } from 'node:zlib'
import { pack } from 'tar-stream'
import { TelltaleError } from '../errors.js'
import { filesBelow, syncFile, syncFolder } from './disk.js'

/** Names what a backup holds, with checksums; the last file of a tar stream. */
export const backupManifestName = 'backup.json'

export interface ArchivedFile {
  path: string
  bytes: number
  crc32: number
}

export interface BackupManifest {
  format: 'telltale-backup'
  version: 1
  created_at: string
  /** Version of the program that wrote it. */
  telltale: string
  files: ArchivedFile[]
}

export interface Archive {
  /** Copies a file in under `path`; resolves with what was really read. */
  add(path: string, source: FileHandle, onBytes?: (count: number) => void): Promise<ArchivedFile>
  /** Flushes, and gives it its name. */
  finish(): Promise<void>
  discard(): Promise<void>
}

/** By its name: `….tar` is one file, everything else a folder. */
export async function createArchive(target: string): Promise<Archive> {
  await refuseOccupied(target)
  const partial = `${target}.${randomBytes(6).toString('hex')}.partial`
  return target.endsWith('.tar') ? createTar(target, partial) : createFolder(target, partial)
}

/** A folder that is empty may be filled; anything else that is there stays as it is. */
export async function refuseOccupied(target: string): Promise<void> {
  const found = await stat(target).catch(() => undefined)
  if (found === undefined || (found.isDirectory() && (await readdir(target)).length === 0)) return
  throw new TelltaleError('conflict', `${target} is there already, and is not empty. Name another place`)
}

/** Takes the place of an empty folder too. */
export async function putInPlace(partial: string, target: string): Promise<void> {
  await rmdir(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  await rename(partial, target)
  await syncFolder(dirname(target))
}

/** Copies a stream and sums up what went through. */
export async function copyStream(
  path: string,
  source: NodeJS.ReadableStream,
  sink: Writable,
  onBytes: (count: number) => void = () => {},
): Promise<ArchivedFile> {
  const file: ArchivedFile = { path, bytes: 0, crc32: 0 }
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      file.bytes += chunk.length
      file.crc32 = crc32(chunk, file.crc32)
      onBytes(chunk.length)
      done(null, chunk)
    },
  })
  await pipeline(source, meter, sink)
  return file
}

/** Flushes every file and folder below. */
export async function syncTree(root: string): Promise<void> {
  const files = await filesBelow(root)
  for (const file of files) await syncFile(join(root, file))
  const folders = new Set(files.map((file) => dirname(join(root, file))))
  for (const folder of [...folders].flatMap((folder) => ancestors(folder, root))) await syncFolder(folder)
}

function ancestors(folder: string, root: string): string[] {
  return folder.length <= root.length ? [root] : [folder, ...ancestors(dirname(folder), root)]
}

async function createFolder(target: string, partial: string): Promise<Archive> {
  await mkdir(partial, { mode: 0o700 })
  return {
    async add(path, source, onBytes) {
      const file = join(partial, path)
      await mkdir(dirname(file), { recursive: true, mode: 0o700 })
      return copyStream(path, read(source), createWriteStream(file, { mode: 0o600 }), onBytes)
    },
    async finish() {
      await syncTree(partial)
      await putInPlace(partial, target)
    },
    discard: () => rm(partial, { recursive: true, force: true }),
  }
}

async function createTar(target: string, partial: string): Promise<Archive> {
  const file = await open(partial, 'wx', 0o600)
  const tar = pack()
  const written = pipeline(tar, file.createWriteStream())
  // Whoever waits next is told; without this a failure between two files would end the process.
  let failure: unknown
  written.catch((error: unknown) => {
    failure = error
  })
  return {
    async add(path, source, onBytes) {
      if (failure !== undefined) throw failure
      const { size } = await source.stat()
      const entry = tar.entry({ name: path, size, mode: 0o600, mtime: new Date() })
      // A disk that fills up would leave the entry waiting for a reader that is gone.
      const copied = copyStream(path, read(source), entry, onBytes)
      copied.catch(() => {})
      return Promise.race([copied, written.then(() => copied)])
    },
    async finish() {
      tar.finalize()
      await written
      await syncFile(partial)
      await putInPlace(partial, target)
    },
    async discard() {
      tar.destroy()
      await written.catch(() => {})
      await rm(partial, { force: true })
    },
  }
}

function read(source: FileHandle): NodeJS.ReadableStream {
  return source.createReadStream({ start: 0, autoClose: false })
}
