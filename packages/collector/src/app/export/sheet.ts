/** What is exported, before it is written: columns, and rows in batches as they come. */
export type CellType = 'time' | 'number' | 'text' | 'json'

/** `time`: Unix ms. `json`: anything that JSON can say. */
export type Cell = string | number | boolean | null | object

export interface Sheet {
  name: string
  columns: readonly { name: string; type: CellType }[]
  batches: AsyncIterable<readonly (readonly Cell[])[]>
  /** How times are written where they are text. */
  timeZone: string
}
