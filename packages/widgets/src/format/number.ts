/** Numbers through `Intl`, in the language in force, with formatters kept: making one costs more than using it a thousand times. */
import { currentLocale } from '../i18n/locale.js'

const formatters = new Map<string, Intl.NumberFormat>()

export function numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const locale = currentLocale()
  const key = `${locale}${JSON.stringify(options)}`
  let formatter = formatters.get(key)
  if (!formatter) {
    formatter = new Intl.NumberFormat(locale, options)
    formatters.set(key, formatter)
  }
  return formatter
}

/** Three significant digits, shortened from 10,000 on: 0.0123, 12.3, 1,234, 12.3K. */
export function formatNumber(value: number): string {
  if (value === 0) return numberFormat({}).format(0)
  const magnitude = Math.abs(value)
  if (magnitude >= 10_000) return numberFormat({ notation: 'compact', maximumSignificantDigits: 3 }).format(value)
  if (magnitude >= 1_000) return numberFormat({ maximumFractionDigits: 0 }).format(value)
  return numberFormat({ maximumSignificantDigits: 3 }).format(value)
}
