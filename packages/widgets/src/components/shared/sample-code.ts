/** A line of code that would send what a tag waits for. */

const additive = new Set(['count', 'sum', 'increase', 'rate'])

/** Values of these add up over groups: a rest can be summed. */
export function isAdditive(aggregation: string): boolean {
  return additive.has(aggregation)
}

export function sampleCode(metric: string, aggregation: string): string {
  if (additive.has(aggregation)) return `counter('${metric}').add(1)`
  if (/^p\d/.test(aggregation)) return `histogram('${metric}').record(12.3)`
  return `gauge('${metric}').set(21)`
}
