/**
 * Typed arrays that are used again and again: fresh ones cost page faults and, as V8 counts the memory behind them,
 * collections of the whole heap. What is taken holds anything. What is not given back is collected like any other array.
 */
import type { NumericArray } from './blocks.js'

/** Smaller ones are cheap. */
const SMALLEST_BYTES = 32 * 1024

export interface ArrayType<A> {
  readonly BYTES_PER_ELEMENT: number
  new (buffer: ArrayBuffer, byteOffset: number, length: number): A
}

export class Scratch {
  readonly #free: ArrayBuffer[] = []
  readonly #taken = new Set<ArrayBufferLike>()

  take<A extends NumericArray>(type: ArrayType<A>, length: number): A {
    const bytes = length * type.BYTES_PER_ELEMENT
    if (bytes < SMALLEST_BYTES) return new type(new ArrayBuffer(bytes), 0, length)
    const buffer = this.#fitting(bytes) ?? new ArrayBuffer(roomFor(bytes))
    this.#taken.add(buffer)
    return new type(buffer, 0, length)
  }

  /** Nobody may read the arrays, or other views of their memory, any more. Arrays that were not taken here are ignored. */
  give(...arrays: readonly NumericArray[]): void {
    for (const { buffer } of arrays) if (this.#taken.delete(buffer)) this.#free.push(buffer as ArrayBuffer)
  }

  /** Forgets all of its memory: what is taken still belongs to whoever took it. */
  clear(): void {
    this.#free.length = 0
    this.#taken.clear()
  }

  /** The smallest one that is large enough. */
  #fitting(bytes: number): ArrayBuffer | undefined {
    let best = -1
    let bestBytes = Number.POSITIVE_INFINITY
    for (let i = 0; i < this.#free.length; i++) {
      const size = this.#free[i].byteLength
      if (size < bytes || size >= bestBytes) continue
      best = i
      bestBytes = size
    }
    return best < 0 ? undefined : this.#free.splice(best, 1)[0]
  }
}

/** Rounded up to an eighth of a power of two, so that rows of like numbers fit into the same memory. */
function roomFor(bytes: number): number {
  const step = 2 ** (Math.floor(Math.log2(bytes)) - 3)
  return Math.ceil(bytes / step) * step
}
