/** A gauge's scale: where it begins and ends, and the bands that thresholds cut it into. */
import { parseThresholds, type Threshold } from '../../chart/marks.js'
import { roundUp } from '../../chart/scale.js'
import type { Severity } from '../../chart/severity.js'
import { ClientError } from '../../client/errors.js'

export interface Band {
  from: number
  to: number
  /** Undefined below the first threshold. */
  severity: Severity | undefined
}

export interface GaugeScale {
  min: number
  max: number
  bands: Band[]
}

/** `0.8:warning,0.95:critical`: from that value on; in rising order. */
export function readThresholds(text: string): Threshold[] {
  const thresholds = parseThresholds(text)
  if (thresholds) return thresholds.sort((a, b) => a.value - b.value)
  throw new ClientError(
    'invalid_option',
    `thresholds="${text}" is not understood: it takes values with info, good, warning or critical, such as 0.8:warning,0.95:critical.`,
  )
}

/** Shares run to 1, percents to 100; all else to a round number beyond the value and the last threshold. */
export function gaugeScale(
  value: number,
  unit: string,
  thresholds: readonly Threshold[],
  min: number | undefined,
  max: number | undefined,
): GaugeScale {
  const top = thresholds[thresholds.length - 1]?.value ?? 0
  const natural = unit === 'ratio' ? 1 : unit === '%' || unit === 'percent' ? 100 : undefined
  const low = min ?? Math.min(0, value)
  let high = max ?? natural ?? roundUp(Math.max(value, top, low + Number.EPSILON) * 1.15)
  if (!(high > low)) high = low + 1
  const edges = thresholds.filter((each) => each.value < high)
  const bands: Band[] = []
  let from = low
  let severity: Severity | undefined
  for (const edge of edges) {
    if (edge.value > from) bands.push({ from, to: edge.value, severity })
    from = Math.max(low, edge.value)
    severity = edge.severity
  }
  bands.push({ from, to: high, severity })
  return { min: low, max: high, bands }
}

/** The band that a value is in; values beyond an end are in the band at that end. */
export function bandOf(value: number, { bands }: GaugeScale): Band {
  return bands.findLast(({ from }) => value >= from) ?? bands[0]
}
