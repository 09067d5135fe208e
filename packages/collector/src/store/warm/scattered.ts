/** Hot rows, which lie in the order in which they came: finds those that are asked for, and the cell of each. */
import type { Grid } from '../aggregate.js'
import type { HotPiece } from '../hot.js'
import type { SeriesGroups } from './groups.js'

export interface Scattered {
  piece: HotPiece
  /** How many of the next two are filled; they are used again for the next piece. */
  length: number
  row: Uint32Array
  cell: Int32Array
}

export class Locator {
  readonly #grid: Grid
  readonly #groups: SeriesGroups
  #row = new Uint32Array(0)
  #cell = new Int32Array(0)

  constructor(grid: Grid, groups: SeriesGroups) {
    this.#grid = grid
    this.#groups = groups
  }

  locate(piece: HotPiece): Scattered {
    const { startMs, endMs, originMs, stepMs, buckets } = this.#grid
    const groups = this.#groups
    const series = piece.columns[0] as Uint32Array
    const time = piece.columns[1] as Float64Array
    if (this.#row.length < piece.rows) {
      this.#row = new Uint32Array(piece.rows)
      this.#cell = new Int32Array(piece.rows)
    }
    const row = this.#row
    const cell = this.#cell
    let length = 0
    for (let i = 0; i < piece.rows; i++) {
      const timeMs = time[i]
      if (timeMs < startMs || timeMs >= endMs) continue
      const group = groups.of(series[i])
      if (group < 0) continue
      row[length] = i
      cell[length++] = group * buckets + (stepMs === 0 ? 0 : Math.floor((timeMs - originMs) / stepMs))
    }
    return { piece, length, row, cell }
  }
}
