/** Small good messages, to be spoilt one part at a time. */
import { keyOf } from '../../sketch-key.js'
import type { WireErrorCode } from '../error-table.js'
import { WireError } from '../errors.js'
import { batchType } from './messages.js'

export const id = (fill: number) => new Uint8Array(16).fill(fill)
export const head = { batchId: id(1), streamId: id(2), sequence: 1, baseTimeMs: 1e12, sentTimeMs: 1e12 }
const dictionary = ['latency', 'route', '/a', 'x'.repeat(300)]
export const series = [{ name: 1, kind: 3, attributes: [2, 3] }]
export const samples = { series: [0, 0], time: [0, 5], value: [1, 2] }

/** Bytes of a good batch with parts replaced. */
export const bytesOf = (parts: Record<string, unknown> = {}): Uint8Array =>
  batchType.encode({ ...head, strings: dictionary, series, ...parts }).finish()
export const join = (...pieces: (Uint8Array | number[])[]): Uint8Array =>
  new Uint8Array(Buffer.concat(pieces.map((piece) => Uint8Array.from(piece))))
/** A length-delimited field. */
export const field = (number: number, payload: Uint8Array | number[]) =>
  join([(number << 3) | 2, payload.length], payload)

export const tasks = { type: [1, 1], time: [0, 1], durationMs: [1, 2], status: [1, 1], id: [2, 3] }
export const events = { name: [1, 1], time: [0, 0] }
export const histograms = {
  series: [0],
  sum: [3],
  min: [1],
  max: [2],
  buckets: [2],
  key: [keyOf(1), keyOf(2) - keyOf(1)],
  bucketCount: [1, 1],
}

/** The code of the WireError that `run` throws; any other error passes through. */
export const codeOf = (run: () => unknown): WireErrorCode | 'none' => {
  try {
    run()
    return 'none'
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    return error.code
  }
}
