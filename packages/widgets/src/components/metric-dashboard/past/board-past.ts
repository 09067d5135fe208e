/**
 * The saved versions of a board: listed with what each changed, shown on the board itself before one is taken back, and taken
 * back as an edit like any other, which undo takes back in turn. Loaded when it is first opened.
 */
import type { DashboardVersions } from '@telltale/protocol/api'
import type { TemplateResult } from 'lit'
import { type BoardChanges, changesBetween } from '../../../board/changes.js'
import { type BoardContent, contentOf } from '../../../board/document.js'
import type { BoardsClient } from '../../../client/boards-client.js'
import { ClientError } from '../../../client/errors.js'
import { previewBar, restoredBar, versionsPanel } from './past-views.js'

export type SavedVersion = DashboardVersions['data'][number]

export interface BoardPastOptions {
  id: string
  boards: BoardsClient
  restore(content: BoardContent, version: SavedVersion): void
  undo(): void
  changed(): void
  closed(): void
}

/** What differs is read from both versions; so many rows are asked for at a time. */
const pageSize = 10

export class BoardPast {
  readonly #options: BoardPastOptions
  readonly #contents = new Map<number, BoardContent>()
  #versions: readonly SavedVersion[] | undefined
  #error: ClientError | undefined
  #isOpen = false
  #count = pageSize
  #chosen: SavedVersion | undefined
  #restored: SavedVersion | undefined

  constructor(options: BoardPastOptions) {
    this.#options = options
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** What the board shows in place of its contents. */
  get preview(): BoardContent | undefined {
    return this.#chosen && this.#contents.get(this.#chosen.version)
  }

  open(): void {
    this.#isOpen = true
    this.#count = pageSize
    void this.load()
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#chosen = this.#restored = undefined
    this.#options.changed()
    this.#options.closed()
  }

  /** Also after a save: the newest version is another one then. */
  async load(): Promise<void> {
    if (!this.#isOpen) return
    const { boards, id, changed } = this.#options
    this.#error = undefined
    changed()
    try {
      this.#versions = (await boards.versions(id)).data
      const shown = this.#versions.slice(0, this.#count + 1)
      await Promise.all(shown.map(({ version }) => this.#load(version)))
    } catch (error) {
      this.#error = error instanceof ClientError ? error : new ClientError('invalid_answer', String(error), error)
    }
    changed()
  }

  view(): TemplateResult {
    const versions = this.#versions
    return versionsPanel({
      versions: versions?.slice(0, this.#count).map((version, i) => ({
        version,
        changes: this.#changes(i),
        isFirst: version.version === 1,
      })),
      chosen: this.#chosen?.version,
      hasMore: (versions?.length ?? 0) > this.#count,
      error: this.#error,
      choose: (version) => this.#choose(version),
      more: () => {
        this.#count += pageSize
        void this.load()
      },
      retry: () => void this.load(),
      close: () => this.close(),
    })
  }

  /** Over the board: what is shown instead of it, or that it was taken back. */
  bar(): TemplateResult | undefined {
    const { undo, changed } = this.#options
    if (this.#chosen && this.preview) {
      return previewBar(
        this.#chosen,
        () => this.#restore(),
        () => this.#choose(undefined),
      )
    }
    if (!this.#restored) return undefined
    return restoredBar(
      this.#restored,
      () => {
        this.#restored = undefined
        undo()
        changed()
      },
      () => {
        this.#restored = undefined
        changed()
      },
    )
  }

  #changes(i: number): BoardChanges | undefined {
    const [after, before] = [this.#versions![i], this.#versions![i + 1]].map(
      (version) => version && this.#contents.get(version.version),
    )
    return before && after && changesBetween(before, after)
  }

  #choose(version: SavedVersion | undefined): void {
    const isCurrent = version?.version === this.#versions?.[0]?.version
    this.#chosen = isCurrent || version === this.#chosen ? undefined : version
    this.#restored = undefined
    this.#options.changed()
  }

  #restore(): void {
    const { preview } = this
    const chosen = this.#chosen
    if (!preview || !chosen) return
    this.#chosen = undefined
    this.#restored = chosen
    this.#options.restore(preview, chosen)
  }

  async #load(version: number): Promise<void> {
    if (this.#contents.has(version)) return
    const { boards, id } = this.#options
    this.#contents.set(version, contentOf(await boards.version(id, version)))
  }
}
