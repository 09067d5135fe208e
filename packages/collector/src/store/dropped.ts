/** What retention has taken out of a segment, as the manifest notes it: up to which time, by rule. */

/** Up to when the series of which rule are gone from a file. */
export function droppedOf({ dropped }: { dropped?: string }): Record<string, number> {
  return dropped === undefined || dropped === '' ? {} : (JSON.parse(dropped) as Record<string, number>)
}

/** … from a merge of files: what is gone from all of them. */
export function commonDropped(inputs: readonly { dropped?: string }[]): string {
  const [first = {}, ...others] = inputs.map(droppedOf)
  const common: Record<string, number> = {}
  for (const [key, untilMs] of Object.entries(first)) {
    const least = Math.min(untilMs, ...others.map((other) => other[key] ?? Number.NEGATIVE_INFINITY))
    if (least > Number.NEGATIVE_INFINITY) common[key] = least
  }
  return Object.keys(common).length === 0 ? '' : JSON.stringify(common)
}
