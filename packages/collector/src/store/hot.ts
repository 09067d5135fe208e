/**
 * Hot rows: everything that is durable in the journal and not yet in a segment.
 *
 *   batch ──add──► blocks (JS) ──seal──► segments          rows of numbers straight from the blocks
 *                    └──flush──► hot tables (DuckDB) ──► reads, and seals of rows with texts
 *
 * New rows go to the open generation. Sealing closes it and starts the next, so that writing never waits for a seal;
 * reads see all generations. Rows of numbers are added up where they lie, and brought to DuckDB only for reads that are too
 * large for that. Hot tables only ever grow, hence "the
 * first n rows" of one never changes: a read's view is one row limit a table, taken when everything up to a batch had
 * been flushed. That makes it exact without holding a DuckDB transaction open.
 */
import type { DuckDBConnection } from '@duckdb/node-api'
import type { RawTableName } from '../journal/index.js'
import type { Columns, ProjectId } from '../model.js'
import {
  HistogramBlock,
  type NumberBlock,
  type NumericArray,
  newEventBlock,
  newSessionBlock,
  newTaskBlock,
  SampleBlock,
  SketchBlock,
  type WritableBlock,
} from './blocks.js'
import type { Duck } from './duck.js'
import { shuttingDown } from './read-pool.js'
import { createTableSql, isRolledUpTable, numberColumns, tables } from './tables.js'

/** While there are readers, so many rows of numbers are brought to DuckDB without waiting for the next read. */
const FLUSH_ROWS = 256 * 1024
/** Rows with texts, each of which is a handful of JavaScript objects, never wait for long. */
const FLUSH_TEXT_ROWS = 16 * 1024
/** After the last read, reads are expected for so long. */
const READERS_MS = 60_000
/** Emptied blocks that are kept, of each table: fresh pages cost more than all that is written into them. */
const SPARE_BLOCKS = 8

/** One hot table as a read may see it. */
export interface HotView {
  table: string
  rows: number
}

/** Rows of a block that DuckDB does not have yet. */
interface Piece<Rows> {
  block: WritableBlock<Rows>
  /** Half-open. */
  from: number
  to: number
}

export type NumberTableName = 'samples' | 'hist' | 'sketch'

/** Rows of numbers as they lie in memory; the arrays may be longer. */
export interface HotPiece {
  rows: number
  columns: readonly NumericArray[]
}

export class HotTable<Rows = unknown> {
  readonly name: RawTableName
  readonly table: string
  /** Rows of numbers, whose blocks stay until the generation goes. */
  readonly isKept: boolean
  readonly #newBlock: () => WritableBlock<Rows>
  /** Oldest first; the last one takes new rows. Without `isKept`, only those that DuckDB does not have. */
  readonly blocks: WritableBlock<Rows>[] = []
  /** Where the rows begin that DuckDB does not have: a block and a row in it. */
  #block = 0
  #row = 0
  #isLastClosed = false
  created = false
  rows = 0
  /** Rows that reads may see. */
  visibleRows = 0
  /** Rows inside DuckDB; more than `visibleRows` only while a flush is on its way. */
  flushedRows = 0

  constructor(name: RawTableName, table: string, newBlock: () => WritableBlock<Rows>) {
    this.name = name
    this.table = table
    this.isKept = isRolledUpTable(name)
    this.#newBlock = newBlock
  }

  append(rows: Rows): number {
    let block = this.blocks.at(-1)
    if (block === undefined || block.isFull || this.#isLastClosed) {
      block = this.#newBlock()
      this.blocks.push(block)
      this.#isLastClosed = false
    }
    const taken = block.append(rows)
    this.rows += taken
    return taken
  }

  pending(): Piece<Rows>[] {
    const pieces: Piece<Rows>[] = []
    for (let i = this.#block; i < this.blocks.length; i++) {
      const block = this.blocks[i]
      const from = i === this.#block ? this.#row : 0
      if (block.rows > from) pieces.push({ block, from, to: block.rows })
    }
    // A block that goes once it is flushed must not take rows meanwhile.
    if (!this.isKept && pieces.length > 0) this.#isLastClosed = true
    return pieces
  }

  /** The oldest pending rows are in DuckDB now. */
  flushed({ block, from, to }: Piece<Rows>): void {
    this.flushedRows += to - from
    if (!this.isKept) {
      this.blocks.shift()
      return
    }
    this.#block = this.blocks.indexOf(block, this.#block)
    this.#row = to
  }
}

export class Partition {
  readonly project: ProjectId
  readonly samples: HotTable<Parameters<SampleBlock['append']>[0]>
  readonly hist: HotTable<Parameters<HistogramBlock['append']>[0]>
  readonly sketch: HotTable<Parameters<SketchBlock['append']>[0]>
  readonly tasks: HotTable<NonNullable<Columns['tasks']>>
  readonly events: HotTable<NonNullable<Columns['events']>>
  readonly sessions: HotTable<NonNullable<Columns['sessions']>>

  constructor(generation: number, project: ProjectId, spares: SpareBlocks) {
    const named = (name: RawTableName): [RawTableName, string] => [name, `${name}_${generation}_${project}`]
    this.project = project
    this.samples = new HotTable(...named('samples'), () => spares.take('samples', () => new SampleBlock()))
    this.hist = new HotTable(...named('hist'), () => spares.take('hist', () => new HistogramBlock()))
    this.sketch = new HotTable(...named('sketch'), () => spares.take('sketch', () => new SketchBlock()))
    this.tasks = new HotTable<NonNullable<Columns['tasks']>>(...named('tasks'), newTaskBlock)
    this.events = new HotTable<NonNullable<Columns['events']>>(...named('events'), newEventBlock)
    this.sessions = new HotTable<NonNullable<Columns['sessions']>>(...named('sessions'), newSessionBlock)
  }

  all(): HotTable<never>[] {
    const { samples, hist, sketch, tasks, events, sessions } = this
    return [samples, hist, sketch, tasks, events, sessions] as unknown as HotTable<never>[]
  }

  /** Returns the rows taken. */
  add(columns: Columns): number {
    let rows = 0
    if (columns.samples !== undefined) rows += this.samples.append(columns.samples)
    if (columns.histograms !== undefined) {
      rows += this.hist.append(columns.histograms)
      rows += this.sketch.append(columns.histograms)
    }
    if (columns.tasks !== undefined) rows += this.tasks.append(columns.tasks)
    if (columns.events !== undefined) rows += this.events.append(columns.events)
    if (columns.sessions !== undefined) rows += this.sessions.append(columns.sessions)
    return rows
  }

  /** Has a table this many rows that DuckDB does not have? */
  waits(numberRows: number, textRows: number): boolean {
    return this.all().some(({ isKept, rows, flushedRows }) => rows - flushedRows >= (isKept ? numberRows : textRows))
  }
}

/** Blocks of numbers whose rows are sealed. */
class SpareBlocks {
  readonly #spares = new Map<RawTableName, NumberBlock<never>[]>()

  take<B extends NumberBlock<never>>(name: RawTableName, make: () => B): B {
    return (this.#spares.get(name)?.pop() as B | undefined) ?? make()
  }

  give({ name, blocks }: HotTable<never>): void {
    const spares = this.#spares.get(name) ?? []
    this.#spares.set(name, spares)
    for (const block of blocks.splice(0) as NumberBlock<never>[]) {
      if (!block.isFull || spares.length >= SPARE_BLOCKS) continue
      block.clear()
      spares.push(block)
    }
  }
}

export class Generation {
  readonly id: number
  readonly partitions = new Map<ProjectId, Partition>()
  readonly createdMs = Date.now()
  firstSeq = 0
  lastSeq = 0
  rows = 0
  bytes = 0
  batches = 0

  constructor(id: number) {
    this.id = id
  }

  get isEmpty(): boolean {
    return this.batches === 0
  }
}

export class HotRows {
  readonly #duck: Duck
  readonly #connection: DuckDBConnection
  /** Oldest first; the last one is open. */
  #generations: Generation[] = [new Generation(1)]
  readonly #spares = new SpareBlocks()
  #flushing: Promise<void> | undefined
  #lastReadMs = Number.NEGATIVE_INFINITY
  #addedSeq = 0
  #flushedSeq = 0
  #closed = false

  constructor(duck: Duck, connection: DuckDBConnection, seq: number) {
    this.#duck = duck
    this.#connection = connection
    this.#addedSeq = seq
    this.#flushedSeq = seq
  }

  /** The highest batch that `views` includes. */
  get flushedSeq(): number {
    return this.#flushedSeq
  }

  get addedSeq(): number {
    return this.#addedSeq
  }

  get rows(): number {
    return this.#generations.reduce((sum, generation) => sum + generation.rows, 0)
  }

  get bytes(): number {
    return this.#generations.reduce((sum, generation) => sum + generation.bytes, 0)
  }

  get batches(): number {
    return this.#generations.reduce((sum, generation) => sum + generation.batches, 0)
  }

  get open(): Generation {
    return this.#generations[this.#generations.length - 1]
  }

  /** Generations that wait to be sealed, oldest first. */
  get closed(): readonly Generation[] {
    return this.#generations.slice(0, -1)
  }

  /** Takes the rows of a durable batch; true when it is time for `flushAhead`. */
  add(seq: number, project: ProjectId, columns: Columns, payloadBytes: number): boolean {
    const generation = this.open
    let partition = generation.partitions.get(project)
    if (partition === undefined) {
      partition = new Partition(generation.id, project, this.#spares)
      generation.partitions.set(project, partition)
    }
    const rows = partition.add(columns)
    if (generation.isEmpty) generation.firstSeq = seq
    generation.lastSeq = seq
    generation.rows += rows
    generation.bytes += payloadBytes
    generation.batches++
    this.#addedSeq = seq
    return partition.waits(this.#hasReaders ? FLUSH_ROWS : Number.POSITIVE_INFINITY, FLUSH_TEXT_ROWS)
  }

  /** Closes the open generation, where it has rows, and starts the next. */
  rotate(): void {
    if (!this.open.isEmpty) this.#generations.push(new Generation(this.open.id + 1))
  }

  /**
   * Forgets a generation that is in segments now, as are all before it; its tables are dropped by `drop` once no read needs
   * them.
   */
  remove(generation: Generation): void {
    this.#generations = this.#generations.filter((g) => g !== generation)
    this.#flushedSeq = Math.max(this.#flushedSeq, generation.lastSeq)
  }

  async drop(generation: Generation): Promise<void> {
    // A flush that began before the generation was removed may still be filling its tables.
    while (this.#flushing !== undefined) await this.#flushing.catch(() => {})
    for (const partition of generation.partitions.values()) {
      for (const table of partition.all()) {
        if (table.created) await this.#connection.run(`DROP TABLE ${table.table}`)
        if (table.isKept) this.#spares.give(table)
      }
    }
  }

  /** For a read: resolves when every batch that has been added before the call is in DuckDB. */
  async flush(): Promise<void> {
    this.#lastReadMs = Date.now()
    const wanted = this.#addedSeq
    while (this.#flushedSeq < wanted) await this.#run(() => true, true)
  }

  /** Brings to DuckDB what should not wait for a read. */
  async flushAhead(): Promise<void> {
    const withNumbers = this.#hasReaders
    await this.#run(({ isKept }) => withNumbers || !isKept, withNumbers)
  }

  /** Resolves when the rows with texts of a closed generation are in DuckDB. */
  async flushTexts({ partitions }: Generation): Promise<void> {
    const tables = [...partitions.values()].flatMap((partition) => partition.all()).filter(({ isKept }) => !isKept)
    while (tables.some(({ rows, flushedRows }) => flushedRows < rows)) await this.#run(({ isKept }) => !isKept, false)
  }

  get #hasReaders(): boolean {
    return Date.now() - this.#lastReadMs < READERS_MS
  }

  /**
   * Resolves when no flush is under way and none can begin: a flush needs this thread to hand it rows, so that closing
   * the connection under it would wait for itself.
   */
  async close(): Promise<void> {
    this.#closed = true
    while (this.#flushing !== undefined) await this.#flushing.catch(() => {})
  }

  /** The rows of one table that reads see now: exactly those of batches up to `flushedSeq`. */
  views(project: ProjectId, name: RawTableName): HotView[] {
    const views: HotView[] = []
    for (const generation of this.#generations) {
      const table = generation.partitions.get(project)?.[name]
      if (table !== undefined && table.visibleRows > 0) views.push({ table: table.table, rows: table.visibleRows })
    }
    return views
  }

  /**
   * The rows of a table of numbers where they lie: exactly those of batches up to `addedSeq`. They stay there until the
   * generation is dropped.
   */
  pieces(project: ProjectId, name: NumberTableName): HotPiece[] {
    return this.#generations.flatMap(({ partitions }) =>
      (partitions.get(project)?.[name].blocks ?? []).map(({ rows, columns }) => ({
        rows,
        columns: columns as readonly NumericArray[],
      })),
    )
  }

  /** Runs one flush, or waits for the one that is under way. */
  async #run(isWanted: (table: HotTable<never>) => boolean, everything: boolean): Promise<void> {
    if (this.#closed) throw shuttingDown()
    this.#flushing ??= this.#flushTables(isWanted, everything).finally(() => {
      this.#flushing = undefined
    })
    await this.#flushing
  }

  async #flushTables(isWanted: (table: HotTable<never>) => boolean, everything: boolean): Promise<void> {
    // Up to the first await this runs in one go: the rows and the sequence number belong together.
    const target = this.#addedSeq
    const all = this.#generations
      .flatMap((generation) => [...generation.partitions.values()])
      .flatMap((partition) => partition.all())
    const work = all.filter(isWanted).map((table) => ({ table, pieces: table.pending() }))
    for (const { table, pieces } of work) {
      for (const piece of pieces) {
        await this.#insert(table, piece)
        // A failure before this line leaves the rows where they are, and the next flush takes them again.
        table.flushed(piece)
      }
    }
    // Only now, and all at once: what a read sees must be whole batches.
    if (!everything) return
    for (const table of all) table.visibleRows = table.flushedRows
    this.#flushedSeq = Math.max(this.#flushedSeq, target)
  }

  async #insert(table: HotTable<never>, { block, from, to }: Piece<never>): Promise<void> {
    const spec = tables[table.name]
    if (!table.created) {
      await this.#connection.run(createTableSql(table.table, spec))
      table.created = true
    }
    const columns = table.isKept ? numberColumns(spec) : spec.columns
    const insert = (rows: string) => this.#connection.run(`INSERT INTO ${table.table} SELECT * FROM ${rows}`)
    await this.#duck.withRows(columns, block, insert, { from, to })
  }
}
