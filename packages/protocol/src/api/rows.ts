/**
 * `POST /v1/rows`: a batch of the browser SDK. The same content as the wire's columns, as JSON rows: a page then needs no
 * encoder, and, with a publishable key in the address, no preflight.
 */
import { z } from 'zod'

const Id = z.string().regex(/^[0-9a-f]{32}$/)
/** Values that are no string, number or boolean are left out, whatever they are: the sender took them from anywhere. */
const Properties = z.record(z.string(), z.unknown())
const Time = z.number().meta({ description: 'Unix milliseconds by the sender’s clock.' })
const Calls = z.number().int().min(1).max(0xffffffff).meta({ description: 'Calls that went into the row.' })

const EventRow = z.strictObject({ name: z.string(), time_ms: Time, properties: Properties.default({}) })

const TaskRow = z.strictObject({
  type: z.string(),
  id: z.string(),
  start_ms: Time,
  duration_ms: z.number(),
  status: z.enum(['ok', 'error', 'timeout', 'cancelled']),
  attempt: z.unknown().optional(),
  parent_id: z.unknown().optional(),
  trace_id: z.unknown().optional(),
  queue_wait_ms: z.unknown().optional(),
  error_type: z.unknown().optional(),
  properties: Properties.default({}).meta({ description: '`error.message` among them is the message of the error.' }),
  tags: z.array(z.unknown()).max(64).default([]).meta({ description: 'Properties that tag the task metrics.' }),
  steps: z
    .array(z.tuple([z.string(), z.number()]))
    .max(100)
    .default([]),
})

const MetricRow = z.strictObject({
  name: z.string(),
  kind: z.enum(['counter', 'up_down_counter', 'gauge', 'histogram']),
  unit: z.string().default(''),
  description: z.string().default(''),
  attributes: Properties.default({}),
  calls: Calls,
  sum: z.number(),
  min: z.number(),
  max: z.number(),
  last: z.number().meta({ description: 'Of a gauge: its level.' }),
  time_ms: Time.meta({ description: 'Of a gauge: when it was set.' }),
  buckets: z
    .array(z.tuple([z.number().int(), z.number().int().min(1).max(0xffffffff)]))
    .max(4096)
    .default([])
    .meta({ description: 'Of a histogram: keys of the sketch and their counts.' }),
})

export const RowsIngest = z
  .strictObject({
    batch_id: Id.meta({ description: 'Sent again with the same id, a batch is stored once.' }),
    stream_id: Id.meta({ description: 'One for each page load.' }),
    sequence: z.number().int().min(1).max(0xffffffff),
    sent_ms: Time.meta({
      description: 'The sender’s clock at this attempt; where it is off, all times are corrected.',
    }),
    start_ms: Time.meta({ description: 'When the interval of the metrics began.' }),
    end_ms: Time.meta({ description: 'When the interval of the metrics ended.' }),
    resource: Properties.meta({
      description: 'Attributes of all rows: service, environment, version, and the host’s own.',
    }),
    events: z.array(EventRow).max(10_000).default([]),
    tasks: z.array(TaskRow).max(10_000).default([]),
    metrics: z.array(MetricRow).max(10_000).default([]),
    drops: z
      .record(z.string().regex(/^(event|task|sample):\w{1,64}$/), Calls)
      .default({})
      .meta({
        description: 'Calls that the sender lost since its last batch, by signal and reason: `event:queue_full`.',
      }),
  })
  .meta({ id: 'RowsIngest' })
export type RowsIngest = z.output<typeof RowsIngest>

export const RowsAck = z
  .strictObject({
    batch_id: Id,
    rejected: z.number().int().meta({ description: 'Calls behind the rows that were refused.' }),
    reason: z.string().optional().meta({ description: 'Of the first refusal.' }),
    duplicate: z.boolean(),
  })
  .meta({ id: 'RowsAck' })
export type RowsAck = z.infer<typeof RowsAck>
