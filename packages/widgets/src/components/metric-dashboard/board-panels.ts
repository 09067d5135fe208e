/** What opens beside a board, one at a time and loaded when first needed: its editor, its versions of the past, annotations. */
import type { TemplateResult } from 'lit'
import type { BoardContent } from '../../board/document.js'
import { AnnotationsClient } from '../../client/annotations-client.js'
import { BoardsClient } from '../../client/boards-client.js'
import type { Span } from '../../client/group.js'
import type { QueryClient } from '../../client/query-client.js'
import type { BoardEditor, EditedBoard } from './editor/board-editor.js'
import type { BoardNotes } from './notes/board-notes.js'
import type { BoardPast } from './past/board-past.js'

export interface PanelledBoard extends EditedBoard {
  id(): string
  queries(): QueryClient | undefined
  groupName: string
  save(): Promise<void>
  undo(): void
  /** Its contents as they were. */
  restore(content: BoardContent): void
  /** What its charts show. */
  window(): Span
  say(sentence: string): void
  changed(): void
  /** A panel was closed; `id` is the widget that it was open for. */
  closed(id: string | undefined): void
}

export class BoardPanels {
  readonly #board: PanelledBoard
  #editor: BoardEditor | undefined
  #past: BoardPast | undefined
  #notes: BoardNotes | undefined

  constructor(board: PanelledBoard) {
    this.#board = board
  }

  /** A version that is looked at in place of the board. */
  get preview(): BoardContent | undefined {
    return this.#past?.preview
  }

  get isOpen(): boolean {
    return [this.#editor, this.#past, this.#notes].some((panel) => panel?.isOpen)
  }

  isOpenFor(id: string): boolean {
    return this.#editor?.isOpenFor(id) ?? false
  }

  view(content: BoardContent, isEditing: boolean): TemplateResult | undefined {
    if (isEditing && this.#editor?.isOpen) return this.#editor.view(content)
    if (this.#notes?.isOpen) return this.#notes.view()
    return this.#past?.isOpen ? this.#past.view() : undefined
  }

  /** What the past says over the board. */
  bar(): TemplateResult | undefined {
    return this.#past?.bar()
  }

  async openGallery(): Promise<void> {
    this.#closeOthers()
    const editor = await this.loadEditor()
    editor.openGallery()
  }

  async openFor(id: string): Promise<void> {
    this.#closeOthers()
    const editor = await this.loadEditor()
    editor.openFor(id)
  }

  async openPast(): Promise<void> {
    const { BoardPast: Past } = await import('./past/board-past.js')
    const board = this.#board
    const queries = board.queries()
    if (!queries) return
    this.#notes?.close()
    this.#editor?.close()
    this.#past ??= new Past({
      id: board.id(),
      boards: new BoardsClient(queries),
      restore: (content) => {
        board.restore(content)
        void board.save()
      },
      undo: () => {
        board.undo()
        void board.save()
      },
      changed: () => board.changed(),
      closed: () => board.closed(undefined),
    })
    this.#past.open()
  }

  /** A new annotation, which begins at this time. */
  async openNotes(timeMs: number): Promise<void> {
    const { BoardNotes: Notes } = await import('./notes/board-notes.js')
    const board = this.#board
    const queries = board.queries()
    if (!queries) return
    this.#past?.close()
    this.#editor?.close()
    this.#notes ??= new Notes({
      notes: new AnnotationsClient(queries),
      window: () => board.window(),
      say: (sentence) => board.say(sentence),
      changed: () => board.changed(),
      closed: () => board.closed(undefined),
    })
    this.#notes.open(timeMs)
  }

  /** A moment or a span that was chosen in a chart; true where somebody wants it. */
  pick(startMs: number, endMs?: number): boolean {
    this.#notes?.pick(startMs, endMs)
    return this.#notes?.isOpen ?? false
  }

  closeEditor(): void {
    this.#editor?.close()
  }

  closeFor(id: string): void {
    this.#editor?.closeFor(id)
  }

  /** There is one version more. */
  saved(): void {
    void this.#past?.load()
  }

  /** Another board has another past. */
  forget(): void {
    this.#past = this.#notes = undefined
  }

  #closeOthers(): void {
    this.#past?.close()
    this.#notes?.close()
  }

  async loadEditor(): Promise<BoardEditor> {
    if (this.#editor) return this.#editor
    const { BoardEditor: Editor } = await import('./editor/board-editor.js')
    const board = this.#board
    this.#editor ??= new Editor({
      board,
      queries: () => board.queries(),
      groupName: board.groupName,
      changed: () => board.changed(),
      closed: (id) => board.closed(id),
    })
    return this.#editor
  }
}
