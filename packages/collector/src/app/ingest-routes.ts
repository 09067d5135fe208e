/** Routes that take data in. 200 means: it is on disk. */
import { encodeAck } from '@telltale/protocol'
import {
  AnyEventsIngest,
  type EventsIngest,
  eventsIngestSchema,
  IngestResult,
  RowsAck,
  RowsIngest,
} from '@telltale/protocol/api'
import { protobufType } from './body.js'
import type { Call, Route } from './route.js'

async function takeBatch({ parts, principal, body, reply }: Call): Promise<Buffer> {
  const { batchId, accepted, rejected, duplicate, receivedMs, folded } = await parts.ingest.batch(
    principal.project,
    body as Uint8Array,
  )
  const ack = encodeAck({ batchId, accepted, rejected, receivedTimeMs: receivedMs, duplicate, folded })
  reply.type(protobufType)
  return Buffer.from(ack.buffer, ack.byteOffset, ack.byteLength)
}

export const ingestRoutes: Route[] = [
  {
    method: 'POST',
    path: '/v1/ingest',
    tag: 'ingest',
    summary: 'Take in a batch of the SDKs',
    scope: 'ingest',
    publishable: true,
    body: { kind: 'protobuf', message: 'telltale.v1.Batch' },
    response: {
      description: 'Durable. A telltale.v1.Ack: rows accepted, and rows refused by reason.',
      contentType: protobufType,
    },
    handle: takeBatch,
  },
  {
    method: 'POST',
    path: '/v1/rows',
    tag: 'ingest',
    summary: 'Take in a batch of the browser SDK, as JSON',
    scope: 'ingest',
    publishable: true,
    body: { kind: 'json', schema: RowsIngest, plain: true },
    response: { description: 'Durable.', schema: RowsAck },
    handle: ({ parts, principal, body }) => parts.ingest.rows(principal.project, body as RowsIngest),
  },
  {
    method: 'POST',
    path: '/api/v1/events',
    tag: 'ingest',
    summary: 'Take in events as JSON',
    scope: 'ingest',
    publishable: true,
    body: { kind: 'json', schema: AnyEventsIngest, schemaFor: eventsIngestSchema },
    response: { description: 'Durable.', schema: IngestResult },
    handle: ({ parts, principal, body }) => parts.ingest.events(principal.project, body as EventsIngest),
  },
]
