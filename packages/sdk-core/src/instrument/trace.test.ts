/** traceparent: what the standard allows is read, what it forbids is ignored. */
import { expect, it } from 'vitest'
import { formatTraceparent, parseTraceparent } from './trace.js'

const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
const span = '00f067aa0ba902b7'

it('reads a valid header, and later versions with more fields', () => {
  const read = { trace: { id: trace, flags: '01' }, parentId: span }
  expect(parseTraceparent(`00-${trace}-${span}-01`)).toEqual(read)
  expect(parseTraceparent(` 00-${trace}-${span}-01 `)).toEqual(read)
  expect(parseTraceparent(`cc-${trace}-${span}-01-what-the-future-holds`)).toEqual(read)
})

it('ignores what is malformed', () => {
  const zeros = (count: number) => '0'.repeat(count)
  for (const header of [
    '',
    undefined,
    42,
    {},
    `ff-${trace}-${span}-01`,
    `00-${zeros(32)}-${span}-01`,
    `00-${trace}-${zeros(16)}-01`,
    `00-${trace.toUpperCase()}-${span}-01`,
    `00-${trace}-${span}-01-more`,
    `00-${trace}-${span}`,
    `00-${trace}-${span}-1`,
    `${`00-${trace}-${span}-01`.repeat(20)}`,
  ]) {
    expect(parseTraceparent(header)).toBeUndefined()
  }
})

it('writes what it reads', () => {
  const header = `00-${trace}-${span}-00`
  const read = parseTraceparent(header)!
  expect(formatTraceparent(read.trace, read.parentId)).toBe(header)
})
