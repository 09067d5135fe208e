/** The formats that our wire format is measured against, all for the same samples. Peers go through protobufjs. */
import { readFileSync } from 'node:fs'
import protobuf from 'protobufjs'

const rowsSchema = `
syntax = "proto3";
message Tag { string key = 1; string value = 2; }
message Row { string name = 1; double time_ms = 2; double value = 3; repeated Tag tags = 4; }
message Rows { repeated Row rows = 1; }`

/** The fields of OTLP metrics that a gauge needs, with OTLP's numbers. */
const otlpSchema = `
syntax = "proto3";
message AnyValue { oneof value { string string_value = 1; } }
message KeyValue { string key = 1; AnyValue value = 2; }
message NumberDataPoint {
  fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3; double as_double = 4; repeated KeyValue attributes = 7;
}
message Gauge { repeated NumberDataPoint data_points = 1; }
message Metric { string name = 1; string unit = 3; Gauge gauge = 5; }
message Scope { string name = 1; }
message ScopeMetrics { Scope scope = 1; repeated Metric metrics = 2; }
message Resource { repeated KeyValue attributes = 1; }
message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
message Request { repeated ResourceMetrics resource_metrics = 1; }`

const lookup = (source, name) => protobuf.parse(source, { keepCase: false }).root.lookupType(name)

/** name → { encode(), decode(bytes) }; `batch` is a batch of samples alone. */
export function wirePeers(batch) {
  const columnar = lookup(
    readFileSync(new URL('../../packages/protocol/proto/telemetry.proto', import.meta.url), 'utf8'),
    'telltale.v1.Batch',
  )
  const rows = lookup(rowsSchema, 'Rows')
  const otlp = lookup(otlpSchema, 'Request')
  const columns = columnarMessage(batch)
  const plainRows = rowObjects(batch)
  const request = otlpRequest(plainRows)
  const text = new TextEncoder()
  const jsonRows = plainRows.map((row) => ({
    ...row,
    tags: Object.fromEntries(row.tags.map(({ key, value }) => [key, value])),
  }))
  return {
    'protobufjs, our columns': {
      encode: () => columnar.encode(columns).finish(),
      decode: (bytes) => columnar.decode(bytes),
    },
    'protobufjs, rows': {
      encode: () => rows.encode({ rows: plainRows }).finish(),
      decode: (bytes) => rows.decode(bytes),
    },
    'protobufjs, OTLP': { encode: () => otlp.encode(request).finish(), decode: (bytes) => otlp.decode(bytes) },
    'JSON rows': {
      encode: () => text.encode(JSON.stringify(jsonRows)),
      decode: (bytes) => JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()),
    },
  }
}

function columnarMessage(batch) {
  const { samples } = batch
  const times = Array.from(samples.timeMs)
  return {
    sentTimeMs: batch.sentTimeMs,
    batchId: batch.batchId,
    streamId: batch.streamId,
    sequence: batch.sequence,
    baseTimeMs: batch.baseTimeMs,
    strings: batch.strings.slice(1),
    resource: { attributes: batch.resource },
    series: batch.series,
    samples: {
      series: Array.from(samples.series),
      time: times.map((time, i) => time - (i === 0 ? batch.baseTimeMs : times[i - 1])),
      value: Array.from(samples.value),
    },
  }
}

function rowObjects({ strings, series, samples }) {
  return Array.from({ length: samples.count }, (_, i) => {
    const { name, attributes } = series[samples.series[i]]
    const tags = []
    for (let k = 0; k < attributes.length; k += 2)
      tags.push({ key: strings[attributes[k]], value: strings[attributes[k + 1]] })
    return { name: strings[name], timeMs: samples.timeMs[i], value: samples.value[i], tags }
  })
}

function otlpRequest(rows) {
  const metrics = new Map()
  for (const { name, timeMs, value, tags } of rows) {
    if (!metrics.has(name)) metrics.set(name, { name, unit: 'ms', gauge: { dataPoints: [] } })
    metrics.get(name).gauge.dataPoints.push({
      timeUnixNano: nanoseconds(timeMs),
      asDouble: value,
      attributes: tags.map((tag) => ({ key: tag.key, value: { stringValue: tag.value } })),
    })
  }
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'bench' } }] }
  return {
    resourceMetrics: [{ resource, scopeMetrics: [{ scope: { name: 'bench' }, metrics: [...metrics.values()] }] }],
  }
}

/** The two halves of a 64-bit number, as protobufjs takes them. */
function nanoseconds(timeMs) {
  const total = BigInt(Math.round(timeMs)) * 1_000_000n
  return { low: Number(total & 0xffffffffn) | 0, high: Number(total >> 32n) | 0, unsigned: true }
}
