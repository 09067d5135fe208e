/** A metric as the catalogue lists it, and what is known of it besides. */

export interface Metric {
  name: string
  kind: 'counter' | 'upDownCounter' | 'gauge' | 'histogram'
  unit: string
  description: string
  attributes: string[]
  cardinality: number
  last_seen: string | null
  overflow?: { folded: number; keys: { key: string; distinct: number }[] }
}

export interface Definition {
  name: string
  kind: Metric['kind']
  unit: string
  description: string
  attributes: string[] | null
  bounds: { min?: number; max?: number }
  expression: string | null
  default_aggregation: string | { quantile: number } | null
  version: number
  updated_at: string
}

const aggregations: Readonly<Record<Metric['kind'], string>> = {
  counter: 'rate',
  upDownCounter: 'last',
  gauge: 'avg',
  histogram: 'p95',
}

/** What is looked at where nobody says otherwise. */
export function aggregationOf({ kind }: Metric, definition: Definition | undefined): string {
  const given = definition?.default_aggregation ?? aggregations[kind]
  return typeof given === 'string' ? given : `p${given.quantile * 100}`
}
