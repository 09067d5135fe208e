/** Numbers through `Intl`, in the page's language, with formatters kept: making one costs more than using it a thousand times. */

const formatters = new Map<string, Intl.NumberFormat>()

/** The page's `lang`; undefined (the reader's own) where it has none or none that `Intl` knows. */
export function pageLocale(): string | undefined {
  const lang = globalThis.document?.documentElement?.lang
  if (!lang) return undefined
  try {
    return Intl.getCanonicalLocales(lang)[0]
  } catch {
    return undefined
  }
}

export function numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const locale = pageLocale()
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
