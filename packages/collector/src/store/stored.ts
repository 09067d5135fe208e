/**
 * How rows lie in segments, and how SQL reads them: files of every version look the same to whoever reads.
 *
 * Version 2 adds the code of a row's metric, by which rows are sorted, so that a query skips what is of other metrics; has
 * times of samples in two columns, seconds that repeat and milliseconds that do not; and the time of a last value as a
 * distance from its bucket. Both take a third of what deltas of whole times take.
 */
import type { TableName } from '../journal/index.js'
import { quote } from './duck.js'
import { int } from './sql.js'
import { type TableSpec, tables } from './tables.js'

export interface StoredFile {
  path: string
  table: TableName
  schemaVersion: number
}

/** What a reader does not need: files may leave it out. */
export interface Prune {
  /** Half-open; absent: all times are wanted. */
  startMs?: number
  endMs?: number
  /** Code of the metric that all wanted rows are of. */
  metric?: number
}

/** Columns of the table and, of series, the metric's code. */
export function logicalColumns({ columns, series }: TableSpec): string[] {
  const names = columns.map(({ name }) => `"${name}"`)
  return series === undefined ? names : ['metric', ...names]
}

/** The select list that turns logical columns into those of a file. */
export function storedSql(spec: TableSpec): string {
  const names = logicalColumns(spec).map((name) => {
    if (spec.name === 'samples' && name === '"ts"') {
      return '((ts % 1000 + 1000) % 1000)::USMALLINT AS ms, (ts - ms) // 1000 AS sec'
    }
    return name === '"last_ts"' ? '(last_ts - ts)::UINTEGER AS last_off' : name
  })
  return names.join(', ')
}

function logicalSql(spec: TableSpec, version: number): string {
  const names = logicalColumns(spec).map((name) => {
    if (spec.name === 'samples' && name === '"ts"') {
      return version === 1 ? 'ts, (ts - (ts % 1000 + 1000) % 1000) // 1000 AS sec' : 'sec * 1000 + ms AS ts, sec'
    }
    if (version === 1) return name === 'metric' ? '0::UINTEGER AS metric' : name
    return name === '"last_ts"' ? 'ts + last_off AS last_ts' : name
  })
  return names.join(', ')
}

/** An SQL expression that reads these files of one table, or undefined where there are none; samples have a `sec` besides. */
export function parquetSource(files: readonly StoredFile[], prune?: Prune): string | undefined {
  if (files.length === 0) return undefined
  const spec = tables[files[0]!.table]
  const selects = [1, 2].flatMap((version) => {
    const paths = files.filter(({ schemaVersion }) => schemaVersion === version).map(({ path }) => quote(path))
    if (paths.length === 0) return []
    const source = `read_parquet([${paths.join(', ')}], hive_partitioning = false)`
    const where = version === 1 || prune === undefined ? '' : pruneSql(spec, prune)
    return `SELECT ${logicalSql(spec, version)} FROM ${source}${where}`
  })
  return `(${selects.join(' UNION ALL ')})`
}

/** Only what statistics of row groups can answer: the reader still says exactly what it wants. */
function pruneSql({ name, series }: TableSpec, { startMs, endMs, metric }: Prune): string {
  const terms: string[] = []
  if (name === 'samples' && startMs !== undefined && endMs !== undefined) {
    terms.push(`sec >= ${int(Math.floor(startMs / 1000))}`, `sec <= ${int(Math.floor(endMs / 1000))}`)
  }
  // Rows of series that were not yet defined when they were sealed have no code.
  if (series !== undefined && metric !== undefined) terms.push(`metric IN (0, ${int(metric)})`)
  return terms.length === 0 ? '' : ` WHERE ${terms.join(' AND ')}`
}
