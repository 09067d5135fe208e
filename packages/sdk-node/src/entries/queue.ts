/** `@telltale/sdk-node/queue`: one instrument, on the same client as the main entry. */
export {
  type BullQueue,
  type DepthQueue,
  instrumentQueue,
  type QueueInstrument,
  type QueueInstrumentOptions,
} from '@telltale/sdk-node'
