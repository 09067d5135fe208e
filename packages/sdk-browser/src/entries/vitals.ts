/** Web Vitals as histograms: what browsers measure of how a page loads, shifts and answers. */
import { type Histogram, histogram } from '@telltale/sdk-browser'
import { type Metric, onCLS, onFCP, onINP, onLCP, onTTFB } from 'web-vitals'
import { routeOf } from '../route.js'

export interface VitalsOptions {
  /** Names the page as the attribute `url.route`. Default: its path, with ids taken out. */
  route?: (path: string) => string
}

/**
 * Records `browser.web_vital.lcp`, `.inp`, `.fcp`, `.ttfb` (ms) and `.cls` (no unit), once for each load of a page and each
 * return to it from the back/forward cache, with the attributes `rating` and `url.route`. The result ends it.
 */
export function vitals({ route = routeOf }: VitalsOptions = {}): () => void {
  if (typeof document === 'undefined') return () => {}
  let stopped = false
  // Scores may grow after they were told of first, which is when the page was hidden: the first is what the visit was like.
  const told = new Set<string>()
  const instruments = new Map<string, Histogram>()
  const record = ({ id, name, value, rating }: Metric): void => {
    if (stopped || told.has(id)) return
    told.add(id)
    const unit = name === 'CLS' ? '1' : 'ms'
    const metric = instruments.get(name) ?? histogram(`browser.web_vital.${name.toLowerCase()}`, { unit })
    instruments.set(name, metric)
    metric.record(value, { rating, 'url.route': route(location.pathname) })
  }
  for (const on of [onCLS, onFCP, onINP, onLCP, onTTFB]) on(record)
  return () => {
    stopped = true
  }
}
