/** `POST /api/v1/events` (ingest for curl and other languages) and `POST /api/v1/events/query`. */
import { z } from 'zod'
import { Duration, Filters, TimePoint, TimeRange } from './common.js'

export const AttributeValue = z.union([z.string().max(4096), z.number(), z.boolean()])

export const EventInput = z
  .strictObject({
    name: z.string().min(1).max(256),
    timestamp: TimePoint.optional().meta({ description: 'Default: now.' }),
    id: z.string().max(256).optional(),
    user_id: z.string().max(256).optional(),
    org_id: z.string().max(256).optional(),
    session_id: z.string().max(256).optional(),
    attributes: z.record(z.string().min(1).max(256), AttributeValue.nullable()).default({}),
    properties: z
      .record(z.string().min(1).max(256), AttributeValue.nullable())
      .optional()
      .meta({ description: 'The same as `attributes`, by the name that `track()` gives them.' }),
  })
  .meta({ id: 'EventInput' })
export type EventInput = z.input<typeof EventInput>

export const EventsIngest = z
  .strictObject({
    events: z.array(EventInput).min(1).max(10_000),
    batch_id: z
      .string()
      .min(1)
      .max(128)
      .optional()
      .meta({ description: 'Sent again with the same id, a batch is stored once.' }),
  })
  .meta({ id: 'EventsIngest' })
export type EventsIngest = z.input<typeof EventsIngest>

const EventList = EventsIngest.shape.events.meta({ id: 'EventList' })

/** What `POST /api/v1/events` takes: a batch, a bare list, or one event. */
export const AnyEventsIngest = z.union([EventsIngest, EventList, EventInput])

/** The shape that a body means, so that its errors name fields of that shape alone. */
export function eventsIngestSchema(body: unknown): z.ZodType<EventsIngest> {
  if (Array.isArray(body)) return EventList.transform((events) => ({ events }))
  const one = typeof body === 'object' && body !== null && 'name' in body && !('events' in body)
  return one ? EventInput.transform((event) => ({ events: [event] })) : EventsIngest
}

export const IngestResult = z
  .strictObject({
    accepted: z.number().int(),
    rejected: z.array(z.strictObject({ reason: z.string(), count: z.number().int(), rows: z.array(z.number().int()) })),
    duplicate: z.boolean(),
  })
  .meta({ id: 'IngestResult' })
export type IngestResult = z.infer<typeof IngestResult>

export const EventsTrendQuery = z
  .strictObject({
    kind: z.literal('trend'),
    event: z.string().min(1).max(256).optional().meta({ description: 'Event name; absent: all events.' }),
    time_range: TimeRange,
    measure: z
      .enum(['count', 'users', 'sessions'])
      .default('count')
      .meta({ description: 'Events, or distinct users or sessions.' }),
    group_by: z
      .array(z.string().min(1).max(256))
      .max(4)
      .default([])
      .meta({ description: '`event`, `user.id`, `org.id` or attributes.' }),
    filters: Filters.default({}),
    step: z.union([Duration, z.literal('auto'), z.literal('1M')]).optional(),
    time_zone: z.string().max(64).default('UTC'),
    limit: z.number().int().min(1).max(1000).default(100),
  })
  .meta({ id: 'EventsTrendQuery' })

export const EventsQuery = z.discriminatedUnion('kind', [EventsTrendQuery])
export type EventsQuery = z.input<typeof EventsQuery>
export type ResolvedEventsQuery = z.output<typeof EventsQuery>
