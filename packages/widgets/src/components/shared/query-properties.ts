/** Attributes that say what is asked, the same on every tag that asks. */
import type { PropertyDeclarations } from 'lit'

export const questionProperties: PropertyDeclarations = {
  metric: { type: String },
  aggregation: { type: String },
  groupBy: { type: String, attribute: 'group-by' },
  filters: {},
  unit: { type: String },
}

export const queryProperties: PropertyDeclarations = {
  ...questionProperties,
  range: { type: String },
  interval: { type: String },
  group: { type: String },
}
