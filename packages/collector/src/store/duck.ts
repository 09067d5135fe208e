/**
 * DuckDB for the store: one hardened in-memory instance, a table function that reads JavaScript arrays, the sketch's key
 * as a scalar function, and results as typed columns.
 */
import {
  DOUBLE,
  type DuckDBConnection,
  type DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBMaterializedResult,
  DuckDBScalarFunction,
  DuckDBTableFunction,
  type DuckDBValue,
  INTEGER,
  UINTEGER,
} from '@duckdb/node-api'
import bindings from '@duckdb/node-bindings'
import { keyOf } from '@telltale/protocol'
import type { Block } from './blocks.js'
import type { Column } from './tables.js'

const VECTOR_SIZE = 2048

interface Source {
  /** What DuckDB sees of the block, in the order of its columns. */
  columns: readonly Column[]
  data: Block['columns']
  /** Half-open. */
  from: number
  to: number
}

type TypedArray = Exclude<Block['columns'][number], readonly unknown[]>

export interface DuckOptions {
  dataDir: string
  threads: number
  memoryLimitMb: number
}

export class Duck {
  readonly #instance: DuckDBInstance
  readonly #sources = new Map<number, Source>()
  #nextSource = 1

  private constructor(instance: DuckDBInstance) {
    this.#instance = instance
  }

  static async open({ dataDir, threads, memoryLimitMb }: DuckOptions): Promise<Duck> {
    const instance = await DuckDBInstance.create(':memory:', {
      threads: String(threads),
      memory_limit: `${memoryLimitMb}MiB`,
      temp_directory: `${dataDir}/tmp`,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
    })
    const duck = new Duck(instance)
    const connection = await instance.connect()
    await connection.run('SET parquet_metadata_cache = true')
    await connection.run('SET preserve_insertion_order = true')
    // In this order: external access can be switched off, never on again, and then nothing can be changed at all.
    await connection.run(`SET allowed_directories = [${quote(dataDir)}]`)
    await connection.run('SET enable_external_access = false')
    await connection.run('SET lock_configuration = true')
    connection.registerTableFunction(duck.#rowsFunction())
    connection.registerScalarFunction(keyFunction())
    connection.closeSync()
    return duck
  }

  connect(): Promise<DuckDBConnection> {
    return this.#instance.connect()
  }

  /**
   * Runs `use` with an SQL expression that reads the block's rows as a table: all that it has now, or those of a half-open
   * range. Typed arrays must be of the columns' types.
   */
  async withRows<T>(
    columns: readonly Column[],
    block: Block,
    use: (table: string) => Promise<T>,
    { from, to } = { from: 0, to: block.rows },
  ): Promise<T> {
    for (const [c, column] of block.columns.entries()) checkType(column, columns[c])
    const id = this.#nextSource++
    this.#sources.set(id, { columns, data: block.columns, from, to })
    try {
      return await use(`telltale_rows(${id}::UINTEGER)`)
    } finally {
      this.#sources.delete(id)
    }
  }

  close(): void {
    this.#instance.closeSync()
  }

  #rowsFunction(): DuckDBTableFunction {
    return DuckDBTableFunction.create({
      name: 'telltale_rows',
      parameterTypes: [UINTEGER],
      bindFunction: (info) => {
        const source = this.#sources.get(Number(info.getParameter(0)))
        if (source === undefined) return info.setError('no such rows')
        for (const column of source.columns) info.addResultColumn(column.name, column.type)
        info.setBindData(source)
        info.setCardinality(source.to - source.from, true)
      },
      initFunction: (info) => {
        info.setMaxThreads(1)
        info.setInitData({ done: 0 })
      },
      mainFunction: (info, chunk) => {
        const { data, from, to } = info.getBindData() as Source
        const scan = info.getInitData() as { done: number }
        const at = from + scan.done
        const end = Math.min(to, at + VECTOR_SIZE)
        chunk.rowCount = end - at
        if (end === at) return
        for (let c = 0; c < data.length; c++) {
          const column = data[c]
          if (isTyped(column)) copyColumn(chunk, c, column, at, end)
          else chunk.setColumnValues(c, column.slice(at, end) as DuckDBValue[])
        }
        scan.done += end - at
      },
    })
  }
}

/** `key_of(value)`: the sketch bucket of a raw value, by the same code that the SDKs and the queries use. */
function keyFunction(): DuckDBScalarFunction {
  return DuckDBScalarFunction.create({
    name: 'key_of',
    parameterTypes: [DOUBLE],
    returnType: INTEGER,
    mainFunction: (_info, input, output) => {
      const values = (input.getColumnVector(0) as unknown as { items: Float64Array }).items
      const keys = (output as unknown as { items: Int32Array }).items
      for (let i = 0; i < values.length; i++) keys[i] = keyOf(values[i])
      output.flush()
    },
  })
}

/** Straight into DuckDB's memory: a vector object, with its copies there and back, would cost five times as much. */
function copyColumn({ chunk }: DuckDBDataChunk, index: number, column: TypedArray, from: number, to: number): void {
  const { buffer, byteOffset, BYTES_PER_ELEMENT: width } = column
  const vector = bindings.data_chunk_get_vector(chunk, index)
  bindings.copy_data_to_vector(vector, 0, buffer as ArrayBuffer, byteOffset + from * width, (to - from) * width)
}

/** Bytes are copied as they are: those of another type would be other numbers. */
function checkType(column: Block['columns'][number], { name, type }: Column): void {
  if (!isTyped(column)) return
  const expected = { [String(UINTEGER)]: Uint32Array, [String(INTEGER)]: Int32Array, [String(DOUBLE)]: Float64Array }
  if (expected[String(type)] === column.constructor) return
  throw new TypeError(`column ${name} of ${type} cannot be read from a ${column.constructor.name}`)
}

function isTyped(column: TypedArray | readonly unknown[]): column is TypedArray {
  return ArrayBuffer.isView(column)
}

/** A text as an SQL literal; for file names of our own, all other values are bound. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** Copies numeric result columns, which must hold no NULL, into typed arrays: no row objects on the way. */
export async function readNumbers<const T extends readonly ('u32' | 'i32' | 'f64')[]>(
  result: DuckDBMaterializedResult,
  types: T,
): Promise<{ rows: number; columns: { [K in keyof T]: ArrayOf<T[K]> } }> {
  const rows = result.rowCount
  const columns = types.map((type) => newArray(type, rows))
  let at = 0
  for (;;) {
    const chunk = await result.fetchChunk()
    if (chunk === null || chunk.rowCount === 0) break
    for (let c = 0; c < columns.length; c++) {
      const { items } = chunk.getColumnVector(c) as unknown as { items: Uint32Array }
      columns[c].set(items, at)
    }
    at += chunk.rowCount
  }
  return { rows, columns: columns as { [K in keyof T]: ArrayOf<T[K]> } }
}

type ArrayOf<T> = T extends 'u32' ? Uint32Array : T extends 'i32' ? Int32Array : Float64Array

function newArray(type: 'u32' | 'i32' | 'f64', length: number): Uint32Array | Int32Array | Float64Array {
  if (type === 'u32') return new Uint32Array(length)
  return type === 'i32' ? new Int32Array(length) : new Float64Array(length)
}
