/**
 * One board while it is looked at and edited: loads it, keeps undo, saves edits by themselves, and settles what others saved
 * meanwhile. Edits of different widgets are merged; edits of the same are a conflict, which the reader decides.
 *
 *   loading ─► ready ──edit──► waiting ──600 ms──► saving ─► saved
 *                                 ▲                   ├─ 412 ─► merged? saving : conflict ─► mine │ theirs
 *                                 └────── backoff ────┴─ no connection
 */
import type { Dashboard } from '@telltale/protocol/api'
import { type BoardContent, contentOf, isSame, merged } from '../board/document.js'
import { History } from '../board/history.js'
import { ClientError } from './errors.js'

export interface BoardTransport {
  load(id: string): Promise<Dashboard>
  /** Rejects with `precondition_failed` where another version is stored; its details hold that one as `current`. */
  save(id: string, content: BoardContent, version: number): Promise<Dashboard>
}

export type SaveState = 'saved' | 'waiting' | 'saving' | 'failed' | 'conflict'

export interface BoardSessionOptions {
  id: string
  transport: BoardTransport
  changed(): void
}

const saveDelayMs = 600
const retryMs = [1_000, 2_000, 5_000, 15_000, 30_000]

export class BoardSession {
  readonly id: string
  phase: 'loading' | 'ready' | 'error' = 'loading'
  /** Why it could not be loaded, or not be saved. */
  error: ClientError | undefined
  saveState: SaveState = 'saved'
  /** What somebody else saved, while that is a conflict. */
  theirs: Dashboard | undefined
  readonly #transport: BoardTransport
  readonly #changed: () => void
  #history: History<BoardContent> | undefined
  /** As it is stored, as far as we know. */
  #stored: Dashboard | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #attempt = 0
  #isClosed = false

  constructor({ id, transport, changed }: BoardSessionOptions) {
    this.id = id
    this.#transport = transport
    this.#changed = changed
    void this.load()
  }

  get content(): BoardContent | undefined {
    return this.#history?.value
  }

  get canUndo(): boolean {
    return this.#history?.canUndo ?? false
  }

  get canRedo(): boolean {
    return this.#history?.canRedo ?? false
  }

  get version(): number | undefined {
    return this.#stored?.version
  }

  /** Again, where it failed. */
  async load(): Promise<void> {
    this.phase = 'loading'
    this.error = undefined
    this.#changed()
    try {
      const board = await this.#transport.load(this.id)
      if (this.#isClosed) return
      this.#stored = board
      this.#history = new History(contentOf(board))
      this.phase = 'ready'
    } catch (error) {
      if (this.#isClosed) return
      this.phase = 'error'
      this.error = error instanceof ClientError ? error : new ClientError('invalid_answer', String(error), error)
    }
    this.#changed()
  }

  /** Edits of one `name` that follow each other quickly are one step of undo. */
  edit(change: (content: BoardContent) => BoardContent, name = ''): void {
    const history = this.#history
    if (!history) return
    const next = change(history.value)
    if (next === history.value || isSame(next, history.value)) return
    history.push(next, name)
    this.#touched()
  }

  undo(): void {
    if (!this.canUndo) return
    this.#history!.undo()
    this.#touched()
  }

  redo(): void {
    if (!this.canRedo) return
    this.#history!.redo()
    this.#touched()
  }

  /** Ends a conflict: `mine` is saved over theirs, or theirs replaces mine, which undo brings back. */
  settle(side: 'mine' | 'theirs'): void {
    const { theirs } = this
    if (!theirs) return
    this.#stored = theirs
    this.theirs = undefined
    this.saveState = 'saved'
    if (side === 'theirs') this.#history!.push(contentOf(theirs))
    this.#touched(0)
  }

  /** Saves what waits, now. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.saveState === 'waiting' || this.saveState === 'failed') await this.#save()
  }

  /** What waits is still saved. */
  close(): void {
    void this.flush()
    this.#isClosed = true
  }

  #touched(delayMs = saveDelayMs): void {
    if (this.saveState !== 'conflict' && this.saveState !== 'saving') {
      this.saveState = isSame(this.content, contentOf(this.#stored!)) ? 'saved' : 'waiting'
      if (this.saveState === 'waiting') this.#later(delayMs)
      else clearTimeout(this.#timer)
    }
    this.#changed()
  }

  #later(delayMs: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#save(), delayMs)
  }

  async #save(): Promise<void> {
    const content = this.content!
    this.saveState = 'saving'
    this.#tell()
    try {
      this.#stored = await this.#transport.save(this.id, content, this.#stored!.version)
      this.#attempt = 0
      this.error = undefined
      this.saveState = 'saved'
      // Edits that came while it was saved.
      if (!this.#isClosed && this.content !== content) this.#touched()
    } catch (error) {
      this.#refused(content, error)
    }
    this.#tell()
  }

  #refused(content: BoardContent, error: unknown): void {
    const failure = error instanceof ClientError ? error : new ClientError('invalid_answer', String(error), error)
    const { current } = (failure.details ?? {}) as { current?: Dashboard }
    if (failure.code === 'precondition_failed' && current) {
      this.#meet(current)
      return
    }
    this.error = failure
    this.saveState = 'failed'
    // What the collector refuses as it is will not be better later.
    if (failure.transient && !this.#isClosed) this.#later(retryMs[Math.min(this.#attempt++, retryMs.length - 1)]!)
    else if (this.content !== content) this.#later(saveDelayMs)
  }

  #meet(theirs: Dashboard): void {
    const both = merged(contentOf(this.#stored!), this.content!, contentOf(theirs))
    if (!both) {
      this.theirs = theirs
      this.saveState = 'conflict'
      return
    }
    this.#stored = theirs
    this.saveState = 'saved'
    if (!isSame(both, this.content)) this.#history!.push(both)
    this.#touched(0)
  }

  #tell(): void {
    if (!this.#isClosed) this.#changed()
  }
}
