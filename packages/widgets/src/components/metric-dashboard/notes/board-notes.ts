/**
 * Annotations beside a board: those of the range that it shows, and the draft of a new one, whose time is typed or picked in
 * a chart. Loaded when it is first opened.
 */
import type { Annotation } from '@telltale/protocol/api'
import type { TemplateResult } from 'lit'
import type { AnnotationsClient } from '../../../client/annotations-client.js'
import { ClientError } from '../../../client/errors.js'
import type { Span } from '../../../client/group.js'
import { parseFilters } from '../../shared/query-attributes.js'
import { boardMessages } from '../board-messages.js'
import { notesPanel } from './notes-views.js'

export interface NoteDraft {
  startMs: number
  /** Undefined: a moment. */
  endMs: number | undefined
  title: string
  text: string
  severity: Annotation['severity']
  /** As `key=value,key=value`. */
  tags: string
}

export interface BoardNotesOptions {
  notes: AnnotationsClient
  window(): Span
  say(sentence: string): void
  changed(): void
  closed(): void
}

export class BoardNotes {
  readonly #options: BoardNotesOptions
  #isOpen = false
  #draft: NoteDraft | undefined
  #list: readonly Annotation[] | undefined
  #error: ClientError | undefined
  #isSaving = false

  constructor(options: BoardNotesOptions) {
    this.#options = options
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** A new one begins at this time. */
  open(timeMs: number): void {
    this.#isOpen = true
    this.#draft ??= { startMs: timeMs, endMs: undefined, title: '', text: '', severity: 'info', tags: '' }
    void this.#load()
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#draft = this.#error = undefined
    this.#options.changed()
    this.#options.closed()
  }

  /** Somebody has chosen a moment or a span in a chart. */
  pick(startMs: number, endMs?: number): void {
    if (this.#isOpen && this.#draft) this.#set({ startMs, endMs })
  }

  view(): TemplateResult {
    return notesPanel({
      draft: this.#draft!,
      list: this.#list,
      error: this.#error,
      isSaving: this.#isSaving,
      set: (change) => this.#set(change),
      save: () => void this.#save(),
      remove: (note) => void this.#remove(note),
      close: () => this.close(),
    })
  }

  #set(change: Partial<NoteDraft>): void {
    this.#draft = { ...this.#draft!, ...change }
    this.#options.changed()
  }

  async #load(): Promise<void> {
    const { notes, window } = this.#options
    await this.#try(async () => {
      this.#list = (await notes.list(window())).data
    })
  }

  async #save(): Promise<void> {
    const { startMs, endMs, title, text, severity, tags } = this.#draft!
    this.#isSaving = true
    await this.#try(async () => {
      await this.#options.notes.create({
        ...{ time: startMs, end: endMs ?? null, title, text, severity },
        tags: parseFilters(tags) as Record<string, string>,
      })
      this.#draft = { ...this.#draft!, endMs: undefined, title: '', text: '' }
      this.#options.say(boardMessages().notes.saved(title))
    })
    this.#isSaving = false
    if (!this.#error) await this.#load()
    this.#options.changed()
  }

  async #remove({ id, title }: Annotation): Promise<void> {
    await this.#try(() => this.#options.notes.remove(id))
    if (!this.#error) this.#options.say(boardMessages().removed(title))
    if (!this.#error) await this.#load()
  }

  async #try(run: () => Promise<void>): Promise<void> {
    this.#error = undefined
    this.#options.changed()
    try {
      await run()
    } catch (error) {
      this.#error = error instanceof ClientError ? error : new ClientError('invalid_answer', String(error), error)
    }
    this.#options.changed()
  }
}
