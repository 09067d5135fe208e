/** How much a threshold or an annotation matters. */
export type Severity = 'info' | 'good' | 'warning' | 'critical'

const severities = new Set<string>(['info', 'good', 'warning', 'critical'])

export function isSeverity(value: unknown): value is Severity {
  return typeof value === 'string' && severities.has(value)
}
