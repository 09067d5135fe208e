/**
 * Makes a data folder of a backup: copied beside its place, every file against its checksum, flushed, and only then
 * renamed. A folder that holds anything is never touched.
 */
import { randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readFile, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { extract, type Headers } from 'tar-stream'
import { TelltaleError } from '../errors.js'
import { messageOf, storageError } from '../journal/index.js'
import {
  type ArchivedFile,
  type BackupManifest,
  backupManifestName,
  copyStream,
  putInPlace,
  refuseOccupied,
  syncTree,
} from './archive.js'
import { openJournalForReading, type Progress, segmentEntries } from './offline.js'

export interface RestoreOptions {
  /** A folder, or a tar file, that `backup` made. */
  source: string
  dataDir: string
  onProgress(progress: Progress): void
}

export interface RestoreReport {
  files: number
  bytes: number
  segments: number
  /** When the backup was taken, ISO 8601. */
  createdAt: string
}

/** What a backup may hold; nothing else is written, wherever its name points. */
const allowedPath = /^(?:journal\.db|catalog\.db|backup\.json|segments(?:\/[A-Za-z0-9_][A-Za-z0-9._-]*){1,8})$/

export async function restore({ source, dataDir, onProgress }: RestoreOptions): Promise<RestoreReport> {
  const from = resolve(source)
  const target = resolve(dataDir)
  const found = await stat(from).catch(() => undefined)
  if (found === undefined) throw new TelltaleError('not_found', `There is no backup at ${from}`)
  await refuseOccupied(target)
  const partial = `${target}.${randomBytes(6).toString('hex')}.partial`
  try {
    await mkdir(partial, { recursive: true, mode: 0o700 })
    const copied = found.isDirectory()
      ? await copyFolder(from, partial, onProgress)
      : await copyTar(from, partial, found.size, onProgress)
    const manifest = await readManifest(join(partial, backupManifestName), from)
    compare(manifest, copied, from)
    const segments = await checkSegments(partial, manifest, from)
    await rm(join(partial, backupManifestName))
    await syncTree(partial)
    await putInPlace(partial, target)
    const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0)
    return { files: manifest.files.length, bytes, segments, createdAt: manifest.created_at }
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    throw storageError(error, `restore ${from}`)
  }
}

type Copied = Map<string, ArchivedFile>

async function copyFolder(from: string, to: string, onProgress: RestoreOptions['onProgress']): Promise<Copied> {
  const manifest = await readManifest(join(from, backupManifestName), from)
  const totalBytes = manifest.files.reduce((sum, { bytes }) => sum + bytes, 0)
  let doneBytes = 0
  const copied: Copied = new Map()
  for (const path of [...manifest.files.map((file) => file.path), backupManifestName]) {
    const file = await write(
      path,
      () => createReadStream(join(from, path)),
      { from, to },
      (count) => {
        doneBytes += count
        onProgress({ doneBytes, totalBytes })
      },
    ).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'ENOENT' ? damaged(from, `${path} is missing`) : error
    })
    copied.set(path, file)
  }
  return copied
}

async function copyTar(
  from: string,
  to: string,
  totalBytes: number,
  onProgress: RestoreOptions['onProgress'],
): Promise<Copied> {
  const copied: Copied = new Map()
  let doneBytes = 0
  const tar = extract()
  tar.on('entry', ({ name, type }: Headers, stream, next) => {
    if (type !== 'file') return next(damaged(from, `${name} is no file`))
    write(
      name,
      () => stream,
      { from, to },
      (count) => {
        doneBytes += count
        onProgress({ doneBytes, totalBytes })
      },
    ).then((file) => {
      copied.set(name, file)
      next()
    }, next)
  })
  try {
    await pipeline(createReadStream(from), tar)
  } catch (error) {
    // What the file system says stays as it is; everything else is about the bytes of the archive.
    if (error instanceof TelltaleError || (error as NodeJS.ErrnoException).syscall !== undefined) throw error
    throw damaged(from, messageOf(error))
  }
  return copied
}

/** `source` opens what is read only when everything stands ready: a stream that fails with nobody near ends the process. */
async function write(
  path: string,
  source: () => NodeJS.ReadableStream,
  { from, to }: { from: string; to: string },
  onBytes: (count: number) => void,
): Promise<ArchivedFile> {
  if (!allowedPath.test(path)) throw damaged(from, `"${path}" is no name of a file in a backup`)
  const file = join(to, path)
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  return copyStream(path, source(), createWriteStream(file, { mode: 0o600 }), onBytes)
}

async function readManifest(path: string, from: string): Promise<BackupManifest> {
  let manifest: Partial<BackupManifest>
  try {
    manifest = JSON.parse(await readFile(path, 'utf8')) as Partial<BackupManifest>
  } catch (error) {
    throw damaged(from, `its ${backupManifestName} cannot be read: ${messageOf(error)}`)
  }
  if (manifest.format !== 'telltale-backup' || !Array.isArray(manifest.files)) {
    throw damaged(from, `its ${backupManifestName} is not one of telltale backup`)
  }
  if (manifest.version === 1) return manifest as BackupManifest
  throw new TelltaleError(
    'storage_unavailable',
    `${from} was written by a newer version of Telltale; restore it with that`,
  )
}

function compare({ files }: BackupManifest, copied: Copied, from: string): void {
  for (const { path, bytes, crc32 } of files) {
    const found = copied.get(path)
    if (found === undefined) throw damaged(from, `${path} is missing`)
    if (found.bytes !== bytes) throw damaged(from, `${path} has ${found.bytes} bytes, not ${bytes}`)
    if (found.crc32 !== crc32) throw damaged(from, `the checksum of ${path} does not match`)
  }
}

/** Every segment that the journal names must be there; a tar stream may hold some that were merged while it was written. */
async function checkSegments(partial: string, { files }: BackupManifest, from: string): Promise<number> {
  const listed = new Set(files.map(({ path }) => path))
  const db = openJournalForReading(partial)
  try {
    const segments = segmentEntries(db).filter((entry) => entry.damaged === null)
    for (const { file } of segments) {
      if (!listed.has(`segments/${file}`)) throw damaged(from, `segment ${file} is not in it`)
    }
    return segments.length
  } finally {
    db.close()
    for (const suffix of ['-wal', '-shm']) await rm(join(partial, `journal.db${suffix}`), { force: true })
  }
}

function damaged(from: string, reason: string): TelltaleError {
  return new TelltaleError('storage_unavailable', `${from} is not a whole backup: ${reason}. Nothing was restored`)
}
