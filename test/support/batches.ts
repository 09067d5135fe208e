/** Batches as an SDK would send them, for black-box tests that speak the wire themselves. */
import { randomBytes } from 'node:crypto'
import { type Ack, type Batch, decodeAck, encodeBatch, Kind, type KindCode } from '@telltale/protocol'

export interface Row {
  metric: string
  value: number
  kind?: KindCode
  timeMs?: number
  attributes?: Record<string, string>
}

/** One sample a row, each with a series of its own. */
export function sampleBatch(rows: Row[], options: { streamId?: Uint8Array; sequence?: number } = {}): Uint8Array {
  const nowMs = Date.now()
  const dictionary = new Map([['', 0]])
  const ref = (text: string) => {
    const known = dictionary.get(text)
    if (known !== undefined) return known
    dictionary.set(text, dictionary.size)
    return dictionary.size - 1
  }
  const series = rows.map(({ metric, kind = Kind.gauge, attributes = {} }) => ({
    name: ref(metric),
    kind,
    unit: 0,
    description: 0,
    attributes: Object.entries(attributes).flatMap(([key, value]) => [ref(key), ref(value)]),
  }))
  const batch: Batch = {
    sentTimeMs: nowMs,
    batchId: randomBytes(16),
    streamId: options.streamId ?? randomBytes(16),
    sequence: options.sequence ?? 0,
    baseTimeMs: rows[0]?.timeMs ?? nowMs,
    strings: [...dictionary.keys()],
    resource: [],
    series,
    samples: {
      count: rows.length,
      series: rows.map((_, at) => at),
      timeMs: rows.map(({ timeMs = nowMs }) => timeMs),
      value: rows.map(({ value }) => value),
    },
    drops: [],
  }
  return encodeBatch(batch)
}

export interface Target {
  url: string
  key: string
}

/** Status and, for a 200, the ack; for anything else the error. */
export async function sendBatch(
  { url, key }: Target,
  body: Uint8Array,
  headers: Record<string, string> = {},
): Promise<{ status: number; ack?: Ack; error?: ErrorShape }> {
  const response = await fetch(`${url}/v1/ingest`, {
    method: 'POST',
    body: Buffer.from(body),
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/x-protobuf', ...headers },
  })
  if (response.status === 200) {
    return { status: 200, ack: decodeAck(new Uint8Array(await response.arrayBuffer())) }
  }
  return { status: response.status, error: ((await response.json()) as { error: ErrorShape }).error }
}

export interface ErrorShape {
  code: string
  message: string
  details?: unknown
}

/** One number: the metric over the last hour. */
export async function sumOf({ url, key }: Target, metric: string): Promise<number | undefined> {
  const answer = await postJson({ url, key }, '/api/v1/metrics/query', {
    metric_name: metric,
    time_range: { start: 'now-1h', end: 'now+1m' },
    aggregation: 'sum',
  })
  const { data } = answer.body as { data: { value: number }[] }
  return data?.[0]?.value
}

export async function postJson(
  { url, key }: Target,
  path: string,
  body: unknown,
): Promise<{ status: number; body: unknown; error?: ErrorShape }> {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
  })
  const parsed = (await response.json()) as { error?: ErrorShape }
  return { status: response.status, body: parsed, error: parsed.error }
}

export async function get({ url, key }: Target, path: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${key}` } })
  return { status: response.status, body: await response.json() }
}
