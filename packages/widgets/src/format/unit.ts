/**
 * Values with their unit, scaled for reading: 1240 `ms` → 1.24 s, 3.4e6 `By` → 3.4 MB, 0.993 `ratio` → 99.3 %.
 * Units are those of UCUM and OpenTelemetry (`ms`, `By`, `1`) and the words that people write (`bytes`, `percent`, `USD`).
 */
import { formatNumber, numberFormat } from './number.js'

/** A value for showing: the digits, and what stands beside them (may be empty). */
export interface Quantity {
  digits: string
  unit: string
}

interface Scale {
  factor: number
  symbol: string
}

const durationMs: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  sec: 1000,
  seconds: 1000,
  milliseconds: 1,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}
const durationScales: Scale[] = [
  { factor: 86_400_000, symbol: 'd' },
  { factor: 3_600_000, symbol: 'h' },
  { factor: 60_000, symbol: 'min' },
  { factor: 1000, symbol: 's' },
  { factor: 1, symbol: 'ms' },
  { factor: 1e-3, symbol: 'µs' },
  { factor: 1e-6, symbol: 'ns' },
]
const byteFactors: Record<string, number> = {
  By: 1,
  B: 1,
  bytes: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiBy: 2 ** 10,
  MiBy: 2 ** 20,
  GiBy: 2 ** 30,
}
const byteScales: Scale[] = [
  { factor: 1e12, symbol: 'TB' },
  { factor: 1e9, symbol: 'GB' },
  { factor: 1e6, symbol: 'MB' },
  { factor: 1e3, symbol: 'kB' },
  { factor: 1, symbol: 'B' },
]
const plain: Scale[] = [{ factor: 1, symbol: '' }]

/** How values of a unit are read: what to multiply by, the steps to choose from, and what follows. */
interface Reading {
  base: number
  scales: Scale[]
  suffix: string
  currency?: string
}

const readings = new Map<string, Reading>()

function readingOf(unit: string): Reading {
  let reading = readings.get(unit)
  if (!reading) {
    reading = parseUnit(unit)
    readings.set(unit, reading)
  }
  return reading
}

function parseUnit(unit: string): Reading {
  const perSecond = unit.endsWith('/s')
  const stem = perSecond ? unit.slice(0, -2) : unit
  const suffix = perSecond ? '/s' : ''
  if (!perSecond && Object.hasOwn(durationMs, stem)) return { base: durationMs[stem], scales: durationScales, suffix }
  if (Object.hasOwn(byteFactors, stem)) return { base: byteFactors[stem], scales: byteScales, suffix }
  if (stem === '%' || stem === 'percent') return { base: 1, scales: [{ factor: 1, symbol: '%' }], suffix }
  if (stem === 'ratio') return { base: 100, scales: [{ factor: 1, symbol: '%' }], suffix }
  if (/^[A-Z]{3}$/.test(stem)) return { base: 1, scales: plain, suffix, currency: stem }
  // UCUM's `1` and its notes in braces, such as `{request}`, are for machines.
  const symbol = stem === '1' ? '' : stem.replace(/^\{(.*)\}$/, '$1')
  return { base: 1, scales: [{ factor: 1, symbol }], suffix }
}

function pickScale(scales: Scale[], magnitude: number): Scale {
  return scales.find((scale) => magnitude >= scale.factor) ?? scales[scales.length - 1]
}

function join(digits: string, scale: Scale, suffix: string): Quantity {
  return { digits, unit: scale.symbol + suffix }
}

/** `null`, NaN and infinities read as a dash. */
export function quantity(value: number | null | undefined, unit: string): Quantity {
  if (value === null || value === undefined || !Number.isFinite(value)) return { digits: '–', unit: '' }
  const { base, scales, suffix, currency } = readingOf(unit)
  if (currency) return { digits: formatCurrency(value, currency), unit: suffix }
  const scaled = value * base
  // Rounding must not give "1,000 ms" or "60.0 s" where the next unit is meant: hence the half digit.
  const scale = scaled === 0 ? zeroScale(scales, base) : pickScale(scales, Math.abs(scaled) * 1.0005)
  return join(formatNumber(scaled / scale.factor), scale, suffix)
}

export function formatValue(value: number | null | undefined, unit: string): string {
  const { digits, unit: symbol } = quantity(value, unit)
  return symbol ? `${digits}${symbol[0] === '%' ? '' : '\u202f'}${symbol}` : digits
}

/** One scale for a whole axis, so that its labels compare: 0, 500 ms, 1,000 ms never meets 1.5 s. */
export function axisFormatter(
  unit: string,
  maxMagnitude: number,
): { scale: number; format: (value: number) => string } {
  const { base, scales, suffix, currency } = readingOf(unit)
  const scale = pickScale(scales, maxMagnitude * base)
  const factor = base / scale.factor
  const tail = scale.symbol + suffix
  const space = tail && tail[0] !== '%' ? '\u202f' : ''
  return {
    scale: 1 / factor,
    format: (value) => (currency ? formatCurrency(value, currency) : formatNumber(value * factor)) + space + tail,
  }
}

/** The unit of an aggregate: a count has none, a rate is per second. */
export function aggregateUnit(unit: string, aggregation: unknown): string {
  if (aggregation === 'count') return ''
  return aggregation === 'rate' ? `${unit === '1' ? '' : unit}/s` : unit
}

function zeroScale(scales: Scale[], base: number): Scale {
  return scales.find((scale) => scale.factor === base) ?? scales[scales.length - 1]
}

function formatCurrency(value: number, currency: string): string {
  const compact = Math.abs(value) >= 10_000
  return numberFormat({
    style: 'currency',
    currency,
    ...(compact ? { notation: 'compact', maximumSignificantDigits: 3 } : {}),
  }).format(value)
}
