/**
 * Hot rows: everything that is durable in the journal and not yet in a segment.
 *
 *   batch ──add──► row blocks (JS) ──flush──► hot tables (DuckDB), one set a generation and project ──seal──► segments
 *
 * New rows go to the open generation. Sealing closes it and starts the next, so that writing never waits for a seal;
 * reads see all generations. Hot tables only ever grow, hence "the first n rows" of one never changes: a read's view
 * is one row limit a table, taken when everything up to a batch had been flushed. That makes it exact without holding
 * a DuckDB transaction open.
 */
import type { DuckDBConnection } from '@duckdb/node-api'
import type { RawTableName } from '../journal/index.js'
import type { Columns, ProjectId } from '../model.js'
import {
  HistogramBlock,
  newEventBlock,
  newSessionBlock,
  newTaskBlock,
  SampleBlock,
  SketchBlock,
  type WritableBlock,
} from './blocks.js'
import type { Duck } from './duck.js'
import { shuttingDown } from './read-pool.js'
import { createTableSql, tables } from './tables.js'

/** A block this full is sent to DuckDB without waiting for a read: large enough for full speed, small enough to hold. */
const FLUSH_ROWS = 512 * 1024
/** The same for rows with texts, each of which is a handful of JavaScript objects. */
const FLUSH_TEXT_ROWS = 16 * 1024

/** One hot table as a read may see it. */
export interface HotView {
  table: string
  rows: number
}

export class HotTable<Rows = unknown> {
  readonly name: RawTableName
  readonly table: string
  readonly #newBlock: () => WritableBlock<Rows>
  /** Oldest first; the last one takes new rows until a flush begins. */
  readonly blocks: WritableBlock<Rows>[] = []
  /** An emptied block: fresh pages cost more than all that is written into them. */
  #spare: WritableBlock<Rows> | undefined
  #sealed = true
  created = false
  /** Rows that reads may see. */
  visibleRows = 0
  /** Rows inside DuckDB; more than `visibleRows` only while a flush is on its way. */
  flushedRows = 0

  constructor(name: RawTableName, table: string, newBlock: () => WritableBlock<Rows>) {
    this.name = name
    this.table = table
    this.#newBlock = newBlock
  }

  append(rows: Rows): number {
    if (this.#sealed) {
      this.blocks.push(this.#spare ?? this.#newBlock())
      this.#spare = undefined
      this.#sealed = false
    }
    return this.blocks[this.blocks.length - 1].append(rows)
  }

  /** The blocks so far will not change any more. */
  closeBlocks(): readonly WritableBlock<Rows>[] {
    this.#sealed = true
    return [...this.blocks]
  }

  /** The oldest block is in DuckDB now. */
  shiftBlock(): void {
    const block = this.blocks.shift()
    this.flushedRows += block?.rows ?? 0
    if (block?.clear === undefined) return
    block.clear()
    this.#spare = block
  }

  get openRows(): number {
    return this.#sealed ? 0 : this.blocks[this.blocks.length - 1].rows
  }
}

class Partition {
  readonly project: ProjectId
  readonly samples: HotTable<Parameters<SampleBlock['append']>[0]>
  readonly hist: HotTable<Parameters<HistogramBlock['append']>[0]>
  readonly sketch: HotTable<Parameters<SketchBlock['append']>[0]>
  readonly tasks: HotTable<NonNullable<Columns['tasks']>>
  readonly events: HotTable<NonNullable<Columns['events']>>
  readonly sessions: HotTable<NonNullable<Columns['sessions']>>

  constructor(generation: number, project: ProjectId) {
    const named = (name: RawTableName): [RawTableName, string] => [name, `${name}_${generation}_${project}`]
    this.project = project
    this.samples = new HotTable(...named('samples'), () => new SampleBlock())
    this.hist = new HotTable(...named('hist'), () => new HistogramBlock())
    this.sketch = new HotTable(...named('sketch'), () => new SketchBlock())
    this.tasks = new HotTable<NonNullable<Columns['tasks']>>(...named('tasks'), newTaskBlock)
    this.events = new HotTable<NonNullable<Columns['events']>>(...named('events'), newEventBlock)
    this.sessions = new HotTable<NonNullable<Columns['sessions']>>(...named('sessions'), newSessionBlock)
  }

  all(): HotTable<never>[] {
    const { samples, hist, sketch, tasks, events, sessions } = this
    return [samples, hist, sketch, tasks, events, sessions] as unknown as HotTable<never>[]
  }

  /** Returns the rows taken, and whether a block has grown enough to be flushed. */
  add(columns: Columns): { rows: number; full: boolean } {
    let rows = 0
    if (columns.samples !== undefined) rows += this.samples.append(columns.samples)
    if (columns.histograms !== undefined) {
      rows += this.hist.append(columns.histograms)
      rows += this.sketch.append(columns.histograms)
    }
    if (columns.tasks !== undefined) rows += this.tasks.append(columns.tasks)
    if (columns.events !== undefined) rows += this.events.append(columns.events)
    if (columns.sessions !== undefined) rows += this.sessions.append(columns.sessions)
    return { rows, full: this.#isFull() }
  }

  #isFull(): boolean {
    if (this.samples.openRows >= FLUSH_ROWS || this.sketch.openRows >= FLUSH_ROWS) return true
    return (
      this.tasks.openRows >= FLUSH_TEXT_ROWS ||
      this.events.openRows >= FLUSH_TEXT_ROWS ||
      this.sessions.openRows >= FLUSH_TEXT_ROWS
    )
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
  #flushing: Promise<void> | undefined
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

  /** Takes the rows of a durable batch; true when it is time to flush. */
  add(seq: number, project: ProjectId, columns: Columns, payloadBytes: number): boolean {
    const generation = this.open
    let partition = generation.partitions.get(project)
    if (partition === undefined) {
      partition = new Partition(generation.id, project)
      generation.partitions.set(project, partition)
    }
    const { rows, full } = partition.add(columns)
    if (generation.isEmpty) generation.firstSeq = seq
    generation.lastSeq = seq
    generation.rows += rows
    generation.bytes += payloadBytes
    generation.batches++
    this.#addedSeq = seq
    return full
  }

  /** Closes the open generation, where it has rows, and starts the next. */
  rotate(): void {
    if (!this.open.isEmpty) this.#generations.push(new Generation(this.open.id + 1))
  }

  /** Forgets a generation that is in segments now; its tables are dropped by `drop` once no read needs them. */
  remove(generation: Generation): void {
    this.#generations = this.#generations.filter((g) => g !== generation)
  }

  async drop(generation: Generation): Promise<void> {
    for (const partition of generation.partitions.values()) {
      for (const table of partition.all()) {
        if (table.created) await this.#connection.run(`DROP TABLE ${table.table}`)
      }
    }
  }

  /** Resolves when every batch that has been added before the call is in DuckDB. */
  async flush(): Promise<void> {
    const wanted = this.#addedSeq
    while (this.#flushedSeq < wanted) {
      if (this.#closed) throw shuttingDown()
      this.#flushing ??= this.#flushAll().finally(() => {
        this.#flushing = undefined
      })
      await this.#flushing
    }
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

  async #flushAll(): Promise<void> {
    // Up to the first await this runs in one go: the blocks and the sequence number belong together.
    const target = this.#addedSeq
    const work = this.#generations
      .flatMap((generation) => [...generation.partitions.values()])
      .flatMap((partition) => partition.all())
      .filter((table) => table.blocks.length > 0 || table.flushedRows > table.visibleRows)
      .map((table) => ({ table, blocks: table.closeBlocks() }))
    for (const { table, blocks } of work) {
      const spec = tables[table.name]
      if (!table.created) {
        await this.#connection.run(createTableSql(table.table, spec))
        table.created = true
      }
      for (const block of blocks) {
        if (block.rows > 0) {
          await this.#duck.withRows(spec.columns, block, (rows) =>
            this.#connection.run(`INSERT INTO ${table.table} SELECT * FROM ${rows}`),
          )
        }
        // A failure before this line leaves the block where it is, and the next flush takes it again.
        table.shiftBlock()
      }
    }
    for (const { table } of work) table.visibleRows = table.flushedRows
    this.#flushedSeq = target
  }
}
