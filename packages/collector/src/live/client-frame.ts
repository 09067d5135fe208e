/** Reads what a client sends: a frame that keeps to the protocol, or an error that says which part does not. */
import { AuthFrame, PingFrame, SubscribeChannelFrame, SubscribeFrame, UnsubscribeFrame } from '@telltale/protocol/api'
import type { z } from 'zod'
import { TelltaleError } from '../errors.js'

export type Frame =
  | z.output<typeof AuthFrame>
  | z.output<typeof SubscribeFrame>
  | z.output<typeof SubscribeChannelFrame>
  | z.output<typeof UnsubscribeFrame>
  | z.output<typeof PingFrame>

export type ReadFrame = { frame: Frame } | { error: TelltaleError; id: string | undefined }

/** The union of all frames would answer "invalid input"; picking the schema by `type` can say what is wrong. */
export function readClientFrame(text: string): ReadFrame {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { error: new TelltaleError('invalid_json', 'The frame is not JSON.'), id: undefined }
  }
  const fields = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  const id = typeof fields.id === 'string' && fields.id.length <= 128 ? fields.id : undefined
  const schema = schemaOf(fields)
  if (schema === undefined) {
    return { error: invalid('"type" must be auth, subscribe, unsubscribe or ping'), id }
  }
  const result = schema.safeParse(value)
  if (result.success) return { frame: result.data }
  const [issue] = result.error.issues
  const path = issue!.path.join('.')
  return { error: invalid(path === '' ? issue!.message : `${path}: ${issue!.message}`), id }
}

function schemaOf(fields: Record<string, unknown>): z.ZodType<Frame> | undefined {
  switch (fields.type) {
    case 'auth':
      return AuthFrame
    case 'subscribe':
      return 'channel' in fields ? SubscribeChannelFrame : SubscribeFrame
    case 'unsubscribe':
      return UnsubscribeFrame
    case 'ping':
      return PingFrame
    default:
      return undefined
  }
}

function invalid(reason: string): TelltaleError {
  return new TelltaleError('invalid_request', `Invalid frame: ${reason}.`)
}
