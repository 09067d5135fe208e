/** Which requests are deliveries of this SDK: whoever measures the host's HTTP leaves them out, or each would cause the next. */

const ingestPath = '/v1/ingest'

/** How many transports send to each URL. */
const ownUrls = new Map<string, number>()

/** `origin` as in `URL.origin`. The result withdraws it. */
export function registerOwnRequests(origin: string, path: string): () => void {
  const url = origin + path
  ownUrls.set(url, (ownUrls.get(url) ?? 0) + 1)
  let registered = true
  return () => {
    if (!registered) return
    registered = false
    const left = (ownUrls.get(url) ?? 1) - 1
    if (left === 0) ownUrls.delete(url)
    else ownUrls.set(url, left)
  }
}

export function isOwnRequest(origin: string, path: string): boolean {
  // The end of the path rules out nearly all requests without making a string.
  return path.endsWith(ingestPath) && ownUrls.has(origin + path)
}
