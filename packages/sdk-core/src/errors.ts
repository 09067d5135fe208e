/** What `init` and the functions that set instruments up throw. Past that, trouble is counted and logged. */

/** Match on `code`, and on `option` for the name of the option that is wrong. */
export class SetupError extends Error {
  override readonly name = 'TelltaleSetupError'
  readonly code = 'invalid_option'
  /** Name of the option, as the caller gave it. */
  readonly option: string

  /** `where` is the function that was called. */
  constructor(option: string, expected: string, value: unknown, where = 'init') {
    super(`${where}: ${option} must be ${expected}; got ${describe(value)}`)
    this.option = option
  }
}

/** A short, safe picture of any value: it may come from anywhere, and end up in a log. */
export function describe(value: unknown): string {
  try {
    if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
    if (typeof value === 'bigint') return `${value}n`
    if (typeof value === 'function') return 'a function'
    if (Array.isArray(value)) return `an array of ${value.length}`
    if (typeof value === 'object' && value !== null) return 'an object'
    return String(value)
  } catch {
    return 'a value that cannot be read'
  }
}
