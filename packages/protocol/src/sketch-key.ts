/**
 * Bucket keys of the sketch: a double → the integer that names its bucket, and back.
 *
 * Buckets are OpenTelemetry's exponential histogram at scale 6: with base = 2^(1/64), bucket i holds base^i < v ≤ base^(i+1)
 * (https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram). A key is i plus a bias, negated for
 * negative values and 0 for zero, so that keys sort as values do.
 */

/** Subdivisions of an octave: 2^scale. */
const bucketsPerOctave = 64
/** Greater than the distance of the lowest index from 0, so that every positive value has a positive key. */
export const keyBias = 131_072

const minIndex = -1074 * bucketsPerOctave - 1
const maxIndex = 1024 * bucketsPerOctave - 1

const exponentBias = 1023
/** Bits of a mantissa for `quickKeyOf`: one slot in 32 then has a bound in it. */
const quickBits = 11

/** Bits of a mantissa that choose its entry in the table of starts: enough to keep any two bounds apart. */
const startBits = 7

const highest = 0x7ff
/** Keys of normal positive values start here. */
export const leastNormalKey = (1 - exponentBias) * bucketsPerOctave + keyBias

/**
 * The key of a finite value, from its bits: no logarithm, and no branch that depends on where in its octave the value
 * lies, since a processor could not predict it.
 */
export const keyOf: (value: number) => number = /* @__PURE__ */ makeKeyOf()

/**
 * The key of a positive value from one table, with a second look for one in 32. Results below `leastNormalKey`, or not
 * below the key of the largest double, which infinity has as well, tell nothing: those values need `keyOf`.
 */
export const quickKeyOf: (value: number) => number = /* @__PURE__ */ makeQuickKeyOf()

// Both keep what they need in a closure: a bundler makes variables of a module's constants, and engines would have to
// look at them anew at each call.

function makeKeyOf(): (value: number) => number {
  const bounds = mantissaBounds()
  const boundsHigh = Int32Array.from(bounds, (bound) => Math.floor(bound / 2 ** 32))
  const boundsLow = Uint32Array.from(bounds, (bound) => bound % 2 ** 32)
  const starts = bucketStarts(bounds)
  const double = new Float64Array(1)
  const words = new Int32Array(double.buffer)
  const high = highWord(double, words)

  return function keyOf(value: number): number {
    if (value === 0) return 0
    double[0] = value
    const top = words[high]
    const exponent = (top >>> 20) & highest
    if (exponent === 0) {
      // A subnormal has no leading 1; scaled by a power of two, it has.
      const octaves = 54
      return keyOf(value * 2 ** octaves) - Math.sign(value) * octaves * bucketsPerOctave
    }
    const mantissa = top & 0xfffff
    let bucket = starts[mantissa >>> (20 - startBits)]
    const bound = boundsHigh[bucket + 1]
    // 1 where the mantissa is above the bound, by the sign of the difference.
    if (mantissa !== bound) bucket += (bound - mantissa) >>> 31
    else if (words[1 - high] >>> 0 > boundsLow[bucket + 1]) bucket++
    const key = (exponent - exponentBias) * bucketsPerOctave + bucket + keyBias
    return value < 0 ? -key : key
  }
}

function makeQuickKeyOf(): (value: number) => number {
  const bounds = mantissaBounds()
  const boundsHigh = Int32Array.from(bounds, (bound) => Math.floor(bound / 2 ** 32))
  const boundsLow = Uint32Array.from(bounds, (bound) => bound % 2 ** 32)
  const slots = quickSlots()
  const double = new Float64Array(1)
  const words = new Int32Array(double.buffer)
  const high = highWord(double, words)
  const base = keyBias - exponentBias * bucketsPerOctave
  const shift = 20 - quickBits
  const mask = slots.length - 1
  const octaveBits = Math.log2(bucketsPerOctave)

  return function quickKeyOf(value: number): number {
    double[0] = value
    const top = words[high]
    let bucket = slots[(top >>> shift) & mask]
    if (bucket < 0) {
      const next = -1 - bucket
      const mantissa = top & 0xfffff
      const bound = boundsHigh[next]
      const above = mantissa === bound ? words[1 - high] >>> 0 > boundsLow[next] : mantissa > bound
      bucket = above ? next : next - 1
    }
    // The sign stays above the exponent, so that negative values end up beyond all keys.
    return ((top >>> 20) << octaveBits) + bucket + base
  }
}

/** By the top bits of a mantissa: the bucket that all such mantissas lie in, or -1 - the bucket above the bound that parts them. */
function quickSlots(): Int8Array {
  const slots = new Int8Array(2 ** quickBits)
  for (let slot = 0; slot < slots.length; slot++) {
    const first = keyOf(1 + slot / slots.length) - keyBias
    const last = keyOf(1 + (slot + 1) / slots.length - Number.EPSILON) - keyBias
    slots[slot] = first === last ? first : -1 - last
  }
  return slots
}

/** Does any double have this key? */
export function isSketchKey(key: number): boolean {
  const index = Math.abs(key) - keyBias
  return key === 0 || (index >= minIndex && index <= maxIndex)
}

/** The value that stands for a bucket: its geometric middle, at most 0.55 % from all that it holds. */
export function keyValue(key: number): number {
  if (key === 0) return 0
  const magnitude = powerOfBase(Math.abs(key) - keyBias + 0.5)
  return key < 0 ? -magnitude : magnitude
}

/** The lower edge of a bucket. */
export function keyLower(key: number): number {
  if (key === 0) return 0
  return key < 0 ? -powerOfBase(-key - keyBias + 1) : powerOfBase(key - keyBias)
}

/** The upper edge of a bucket. */
export function keyUpper(key: number): number {
  if (key === 0) return 0
  return key < 0 ? -powerOfBase(-key - keyBias) : powerOfBase(key - keyBias + 1)
}

/** base^index. The top edge of the last bucket would be 2^1024: it is the largest double instead. */
function powerOfBase(index: number): number {
  const octave = Math.floor(index / bucketsPerOctave)
  if (octave >= 1024) return Number.MAX_VALUE
  return 2 ** ((index - octave * bucketsPerOctave) / bucketsPerOctave) * 2 ** octave
}

/**
 * Largest mantissa (the 52 bits after the leading 1) that is not above that of 2^(s/64), for s = 0 … 64.
 *
 * Engines may round 2^(s/64) up or down, so the estimate is checked in whole numbers, where nothing rounds:
 * 1 + m/2^52 ≤ 2^(s/64) holds just when (2^52 + m)^64 ≤ 2^(52·64 + s).
 */
function mantissaBounds(): Float64Array {
  const one = 2 ** 52
  const bounds = new Float64Array(bucketsPerOctave + 1)
  for (let s = 0; s <= bucketsPerOctave; s++) {
    let scaled = BigInt(Math.round(2 ** (s / bucketsPerOctave) * one)) + 1n
    const limit = 1n << BigInt(52 * bucketsPerOctave + s)
    while (scaled ** BigInt(bucketsPerOctave) > limit) scaled--
    bounds[s] = Number(scaled) - one
  }
  return bounds
}

/** By a mantissa's top bits: the bucket where such mantissas start. At most one bound lies among them. */
function bucketStarts(bounds: Float64Array): Int8Array {
  const starts = new Int8Array(1 << startBits)
  const width = 2 ** (52 - startBits)
  let bucket = -1
  for (let slot = 0; slot < starts.length; slot++) {
    starts[slot] = bucket
    // The slot's last mantissa tells whether a bound lies inside of it.
    if ((slot + 1) * width - 1 > bounds[bucket + 1]) bucket++
  }
  return starts
}

/** Which of the two words holds sign, exponent and the mantissa's top 20 bits. */
function highWord(double: Float64Array, words: Int32Array): 0 | 1 {
  double[0] = 1
  return words[1] === 0 ? 0 : 1
}
