/**
 * Which attributes are to blame where a metric has more series than it may: distinct values a key, of the series that
 * found no room. They are not kept, so they are counted by HyperLogLog: 256 registers, a standard error of 6.5 %.
 * (P. Flajolet et al., HyperLogLog, 2007; small counts by linear counting.)
 */
import type { Attributes } from '../model.js'

const REGISTERS = 256
const ALPHA = 0.7213 / (1 + 1.079 / REGISTERS)
/** Senders choose the keys: those past this many are not looked at. */
const MAX_KEYS = 32

export class FoldedKeys {
  readonly #registers = new Map<string, Uint8Array>()

  add(attributes: Attributes): void {
    for (const [key, value] of attributes) {
      let registers = this.#registers.get(key)
      if (registers === undefined) {
        if (this.#registers.size === MAX_KEYS) continue
        registers = new Uint8Array(REGISTERS)
        this.#registers.set(key, registers)
      }
      note(registers, value)
    }
  }

  keys(): Iterable<string> {
    return this.#registers.keys()
  }

  /** About how many values a key has: those that were folded, and these. */
  distinct(key: string, known: Iterable<string>): number {
    const registers = Uint8Array.from(this.#registers.get(key) ?? new Uint8Array(REGISTERS))
    for (const value of known) note(registers, value)
    return Math.round(estimate(registers))
  }
}

function note(registers: Uint8Array, value: string): void {
  const hash = hashOf(value)
  const rank = Math.clz32((hash << 8) | 0x80) + 1
  const register = hash >>> 24
  if (rank > registers[register]!) registers[register] = rank
}

/** FNV-1a, finished as MurmurHash3 does, so that every bit depends on every character. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

function estimate(registers: Uint8Array): number {
  let sum = 0
  let zeros = 0
  for (const rank of registers) {
    sum += 2 ** -rank
    if (rank === 0) zeros++
  }
  const raw = (ALPHA * REGISTERS * REGISTERS) / sum
  return raw <= 2.5 * REGISTERS && zeros > 0 ? REGISTERS * Math.log(REGISTERS / zeros) : raw
}
