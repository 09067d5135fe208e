import { expect, it } from 'vitest'
import { Scratch } from './scratch.js'

it('hands out the memory again that was given back, and no other', () => {
  const scratch = new Scratch()
  const first = scratch.take(Float64Array, 10_000)
  const second = scratch.take(Float64Array, 10_000)
  expect(second.buffer).not.toBe(first.buffer)
  scratch.give(first.subarray(0, 5))
  expect(scratch.take(Uint32Array, 19_000).buffer).toBe(first.buffer)
  expect(scratch.take(Float64Array, 10_000).buffer).not.toBe(second.buffer)
})

it('takes an array back once, and none that is not its own', () => {
  const scratch = new Scratch()
  const own = scratch.take(Float64Array, 10_000)
  const foreign = new Float64Array(10_000)
  scratch.give(own, own, foreign)
  expect(scratch.take(Float64Array, 10_000).buffer).toBe(own.buffer)
  expect(scratch.take(Float64Array, 10_000).buffer).not.toBe(own.buffer)
  expect(scratch.take(Float64Array, 10_000).buffer).not.toBe(foreign.buffer)
})

it('takes the smallest that is large enough, and lets go of all when it is cleared', () => {
  const scratch = new Scratch()
  const sizes = [300_000, 100_000, 200_000].map((length) => scratch.take(Float64Array, length))
  scratch.give(...sizes)
  expect(scratch.take(Float64Array, 90_000).buffer).toBe(sizes[1].buffer)
  expect(scratch.take(Float64Array, 90_000).buffer).toBe(sizes[2].buffer)
  scratch.clear()
  expect(scratch.take(Float64Array, 90_000).buffer).not.toBe(sizes[0].buffer)
})
