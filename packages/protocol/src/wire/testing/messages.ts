/** protobufjs's reading of `proto/telemetry.proto`: the account of the format that ours is compared with. */
import { readFileSync } from 'node:fs'
import protobuf from 'protobufjs'

const proto = readFileSync(new URL('../../../proto/telemetry.proto', import.meta.url), 'utf8')
const lookup = (source: string, name: string) => protobuf.parse(source).root.lookupType(`telltale.v1.${name}`)

export const batchType = lookup(proto, 'Batch')
export const ackType = lookup(proto, 'Ack')
/** The same schema with every column written entry by entry. */
export const unpackedBatchType = lookup(
  proto.replace(/(repeated (?:uint32|sint32|double) \w+ = \d+);/g, '$1 [packed = false];'),
  'Batch',
)
