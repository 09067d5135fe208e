/** Keeps a tag in the group that its `group` attribute names, and tells it what others changed there. */
import type { ReactiveController, ReactiveControllerHost } from 'lit'
import { type Group, type GroupPart, type GroupView, groupNamed } from '../client/group.js'

export interface GroupHost extends ReactiveControllerHost {
  /** Name of the group; empty: none. */
  readonly group: string
}

export class GroupController implements ReactiveController {
  readonly #host: GroupHost
  readonly #changed: (parts: ReadonlySet<GroupPart>) => void
  #name = ''
  #group: Group | undefined
  #leave: (() => void) | undefined

  /** `changed` is called after another member's change; changes other than of the cursor also ask for an update. */
  constructor(host: GroupHost, changed: (parts: ReadonlySet<GroupPart>) => void = () => {}) {
    this.#host = host
    this.#changed = changed
    host.addController(this)
  }

  /** Undefined while the tag is in no group. */
  get view(): Readonly<GroupView> | undefined {
    return this.#group?.view
  }

  /** Tells the others; without a group nobody is told. */
  set(parts: Partial<GroupView>): void {
    this.#group?.set(parts, this)
  }

  hostConnected(): void {
    this.#follow()
  }

  hostUpdate(): void {
    if (this.#host.group !== this.#name || !this.#group) this.#follow()
  }

  hostDisconnected(): void {
    this.#leave?.()
    this.#leave = this.#group = undefined
  }

  #follow(): void {
    this.#leave?.()
    this.#leave = this.#group = undefined
    this.#name = this.#host.group
    if (!this.#name) return
    this.#group = groupNamed(this.#name)
    this.#leave = this.#group.join((parts, source) => {
      if (source === this) return
      this.#changed(parts)
      if (parts.size > 1 || !parts.has('cursorMs')) this.#host.requestUpdate()
    })
    this.#host.requestUpdate()
  }
}
