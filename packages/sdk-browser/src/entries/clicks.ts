/** Which features are used: clicks on elements that say what they are. */
import { track } from '@telltale/sdk-browser'

export interface ClicksOptions {
  /** The attribute that names a feature. Default: `data-telltale`. */
  attribute?: string
}

/**
 * Tracks an event `feature.used` with the attribute `feature` for each click on, or within, an element such as
 * `<button data-telltale="export" data-telltale-format="pdf">`; further attributes of that prefix (`format`) come along. Text and
 * form values are never read. The result ends it.
 */
export function clicks({ attribute = 'data-telltale' }: ClicksOptions = {}): () => void {
  if (typeof document === 'undefined') return () => {}
  const onClick = (event: Event): void => {
    // Inside of shadow roots, the element is the first of the path.
    const start = event.composedPath()[0]
    let element = start instanceof Element ? start.closest(`[${attribute}]`) : null
    if (!element && event.target instanceof Element) element = event.target.closest(`[${attribute}]`)
    const feature = element?.getAttribute(attribute)
    if (!element || !feature) return
    const properties: Record<string, string> = { feature }
    for (const { name, value } of element.attributes) {
      if (name.startsWith(`${attribute}-`)) properties[name.slice(attribute.length + 1)] = value
    }
    track('feature.used', properties)
  }
  // Capturing: a handler of the page may stop the event, and the click was made all the same.
  document.addEventListener('click', onClick, true)
  return () => document.removeEventListener('click', onClick, true)
}
