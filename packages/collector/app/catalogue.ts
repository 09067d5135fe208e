/** Which metrics there are: the one question that the page itself asks of the API. */

export interface Metric {
  name: string
  kind: 'counter' | 'upDownCounter' | 'gauge' | 'histogram'
  attributes: string[]
}

/** Throws where the collector does not answer well. */
export async function listMetrics(token: string): Promise<Metric[] | 'refused'> {
  const response = await fetch('/api/v1/metrics', { headers: { authorization: `Bearer ${token}` } })
  if (response.status === 401 || response.status === 403) return 'refused'
  if (!response.ok) throw new Error(`GET /api/v1/metrics answered ${response.status}`)
  const { data } = (await response.json()) as { data: Metric[] }
  return data
}
