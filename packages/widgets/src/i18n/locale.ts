/**
 * The language that numbers, times and texts are made in. Everything that formats is called while a tag updates, so the
 * tag's own language is set for that time (see `inLanguage`), and no formatter has to be told.
 */

let ambient: string | undefined
let pageChoice: string | undefined
const known = new Map<string, string | undefined>()

/** A tag that `Intl` takes, or undefined. */
export function canonicalLocale(lang: string | null | undefined): string | undefined {
  if (!lang) return undefined
  if (!known.has(lang)) {
    try {
      known.set(lang, Intl.getCanonicalLocales(lang)[0])
    } catch {
      known.set(lang, undefined)
    }
  }
  return known.get(lang)
}

/** The language in force: the updating tag's, else the page's; undefined for the reader's own. */
export function currentLocale(): string | undefined {
  return ambient ?? pageLocale()
}

/** What `configure({ locale })` said, else the page's `lang`. */
export function pageLocale(): string | undefined {
  return pageChoice ?? canonicalLocale(globalThis.document?.documentElement?.lang)
}

export function choosePageLocale(locale: string | undefined): void {
  pageChoice = canonicalLocale(locale)
}

/** Sets the language in force and gives the one before. */
export function swapLocale(locale: string | undefined): string | undefined {
  const before = ambient
  ambient = locale
  return before
}
