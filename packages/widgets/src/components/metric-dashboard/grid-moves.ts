/** Moving and resizing on a board, by pointer or by keys: the layout meanwhile, what is said about it, and its end. */
import { type Cell, place, step } from '../../board/layout.js'
import { boardMessages } from './board-messages.js'
import { startDrag } from './grid-drag.js'
import { glide, measure, positionItems } from './grid-motion.js'

export interface MovedBoard {
  grid(): HTMLElement | null
  items(): HTMLElement[]
  /** The layout as it is without what is under way. */
  layout(): Cell[] | undefined
  columns(): number
  isRtl(): boolean
  nameOf(id: string): string
  /** Keeps a layout. */
  keep(cells: Cell[]): void
  say(sentence: string): void
  changed(): void
  /** Puts the focus back on a widget's handle, which the new order may have taken it from. */
  refocus(id: string): void
}

const arrows: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

export class GridMoves {
  readonly #board: MovedBoard
  /** The layout while something is moved. */
  #moving: Cell[] | undefined
  /** The widget that keys have picked up. */
  #lifted: string | undefined
  /** Where items were before an update that moves them. */
  #before: ReturnType<typeof measure> | undefined

  constructor(board: MovedBoard) {
    this.#board = board
  }

  get moving(): readonly Cell[] | undefined {
    return this.#moving
  }

  isLifted(id: string): boolean {
    return this.#lifted === id
  }

  drag(event: PointerEvent, mode: 'move' | 'resize'): void {
    const board = this.#board
    const item = (event.currentTarget as HTMLElement).closest<HTMLElement>('.item')
    const grid = board.grid()
    const cells = board.layout()
    if (!item || !grid || !cells) return
    this.release(false)
    startDrag(event, mode, {
      ...{ grid, item, cells, columns: board.columns(), isRtl: board.isRtl() },
      show: (next) => this.#show(next),
      done: (next) => this.#settle(next),
    })
  }

  /** True where the key was meant for moving. */
  key(event: KeyboardEvent, id: string): boolean {
    if (event.key === ' ' || event.key === 'Enter') {
      if (this.#lifted) this.release(true)
      else this.#lift(id)
      return true
    }
    if (!this.#lifted) return false
    if (event.key === 'Escape') {
      this.release(false)
      return true
    }
    const direction = arrows[event.key]
    if (!direction) return false
    const [x, dy] = direction
    const dx = this.#board.isRtl() ? -x : x
    const cells = this.#moving!
    const cell = cells.find((candidate) => candidate.id === id)!
    const rect = event.shiftKey ? { w: cell.w + dx, h: cell.h + dy } : step(cells, id, dx, dy)
    this.#show(place(cells, id, rect, this.#board.columns()))
    this.#board.say(this.#placeOf(id))
    return true
  }

  /** Ends what keys have begun. */
  release(isKept: boolean): void {
    const id = this.#lifted
    if (id === undefined) return
    const text = boardMessages()
    const name = this.#board.nameOf(id)
    this.#board.say(isKept ? text.putDown(name, this.#placeOf(id)) : text.putBack(name))
    this.#lifted = undefined
    this.#settle(isKept ? this.#moving : undefined)
    if (isKept) this.#board.refocus(id)
  }

  /** After each update of the board. */
  arrange(cells: readonly Cell[]): void {
    positionItems(this.#board.items(), cells)
    if (this.#before) glide(this.#before, this.#heldItem())
    this.#before = undefined
  }

  #lift(id: string): void {
    const cells = this.#board.layout()
    if (!cells) return
    this.#lifted = id
    this.#moving = cells
    this.#board.say(boardMessages().pickedUp(this.#board.nameOf(id), this.#placeOf(id)))
  }

  /** Positions alone: nothing is rendered while something is moved. */
  #show(cells: Cell[]): void {
    this.#moving = cells
    const items = this.#board.items()
    const before = measure(items)
    positionItems(items, cells)
    glide(before, this.#heldItem())
  }

  #settle(cells: Cell[] | undefined): void {
    this.#moving = undefined
    this.#before = measure(this.#board.items())
    if (cells) this.#board.keep(cells)
    this.#board.changed()
  }

  #heldItem(): HTMLElement | undefined {
    return this.#board.items().find((item) => item.classList.contains('held'))
  }

  #placeOf(id: string): string {
    const cell = this.#moving?.find((candidate) => candidate.id === id)
    return cell ? boardMessages().place(cell.y + 1, cell.x + 1, cell.w, cell.h) : ''
  }
}
