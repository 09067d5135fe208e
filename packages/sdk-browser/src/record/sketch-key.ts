/**
 * The key of a value in the sketch: OpenTelemetry's exponential histogram at scale 6, as packages/protocol has it. That one
 * reads the bucket from the bits of the float; a logarithm takes a tenth of the code, and pages record thousands of values,
 * not millions. The two can differ only where a value is within a rounding error of a bound, which no double lies on but
 * powers of two: of these the logarithm is exact.
 */
const bias = 131_072

export function sketchKey(value: number): number {
  if (value === 0) return 0
  const key = Math.ceil(Math.log2(Math.abs(value)) * 64) - 1 + bias
  return value < 0 ? -key : key
}
