/** Reads Parquet through DuckDB, with the columns of a CSV file; its row groups are streamed, never held as a whole. */
import { DuckDBInstance } from '@duckdb/node-api'
import { CommandFailure } from '../failure.js'
import { layoutOf, pushRow, type TableOptions } from './csv.js'
import { type Chunk, parseTime } from './rows.js'

export async function* readParquet(path: string, options: TableOptions): AsyncGenerator<Chunk> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1', autoinstall_known_extensions: 'false' })
  const connection = await instance.connect()
  try {
    const file = `read_parquet(${literal(path)})`
    const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${file}`).catch((error: Error) => {
      throw new CommandFailure(`${path} cannot be read as Parquet: ${error.message.split('\n')[0]}`)
    })
    const columns = described.getRowsJson().map(([name, type]) => ({ name: String(name), type: String(type) }))
    const names = columns.map(({ name }) => name)
    const layout = layoutOf(path, names, options)
    const isTime = /^(TIMESTAMP|DATE)/.test(columns[layout.timestamp]!.type)
    const time = quoted(names[layout.timestamp]!)
    const selected = [
      isTime ? `epoch_ms(${time}::TIMESTAMP)::VARCHAR` : `${time}::VARCHAR`,
      `${quoted(names[layout.value]!)}::DOUBLE`,
      layout.metric < 0 ? 'NULL' : `${quoted(names[layout.metric]!)}::VARCHAR`,
      ...layout.tags.map(({ name }) => `${quoted(name)}::VARCHAR`),
    ]
    const result = await connection.stream(`SELECT ${selected.join(', ')} FROM ${file}`)
    let line = 0
    for (let data = await result.fetchChunk(); data !== null && data.rowCount > 0; data = await result.fetchChunk()) {
      const chunk: Chunk = { rows: [], bad: [] }
      for (const [timeText, value, metric, ...tagValues] of data.getRows()) {
        const tags: string[] = []
        for (const [i, { name }] of layout.tags.entries()) {
          const tag = tagValues[i]
          if (tag !== null && tag !== '') tags.push(name, String(tag))
        }
        pushRow(chunk, {
          line: ++line,
          metric: options.metric ?? String(metric ?? ''),
          kind: options.kind,
          unit: '',
          // A column of times is in milliseconds by now, whatever its age.
          timeMs: isTime ? Number(timeText ?? Number.NaN) : parseTime(String(timeText ?? '')),
          value: value === null ? Number.NaN : Number(value),
          tags,
        })
      }
      yield chunk
    }
  } catch (error) {
    if (error instanceof CommandFailure) throw error
    throw new CommandFailure(`${path}: ${(error as Error).message.split('\n')[0]}`)
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
