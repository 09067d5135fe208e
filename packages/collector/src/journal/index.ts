/** The journal: durable batches, deduplication, series definitions and the manifest of segments, in one SQLite file. */
export { type FolderLock, lockFolder } from './folder-lock.js'
export { Journal, type JournalOptions, type Probe } from './journal.js'
export {
  type LevelTableName,
  Manifest,
  type RawTableName,
  type Replacement,
  type SegmentRecord,
  type TableName,
} from './manifest.js'
export { BAD_CHECKSUM, JOURNAL_SCHEMA_VERSION } from './schema.js'
export { codeOf, isDiskFull, messageOf, storageError } from './storage-error.js'
export { STREAM_MEMORY_MS } from './streams.js'
