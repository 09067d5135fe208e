import { expect, it } from 'vitest'
import { TelltaleError } from '../errors.js'
import type { NumberedBatch } from '../model.js'
import { GroupCommit } from './group-commit.js'
import { batch } from './testing/batches.js'

function setUp(commit?: (batches: readonly NumberedBatch[]) => void) {
  const groups: number[][] = []
  const durable: number[] = []
  let seq = 0
  const commits = new GroupCommit({
    commit: (batches) => {
      groups.push(batches.map((one) => one.sequence))
      commit?.(batches)
      return batches.map(() => ({ seq: ++seq, duplicate: false }))
    },
    onDurable: (one) => durable.push(one.sequence),
    maxWaitMs: 5,
    maxWaitBytes: 1024,
  })
  const push = (sequence: number) => commits.push(batch({ sequence }))
  return { commits, groups, durable, push }
}

it('puts what arrives together into one transaction, and answers after all rows are visible', async () => {
  const { push, groups, durable } = setUp()
  const seen: number[] = []
  await Promise.all([1, 2, 3].map((s) => push(s).then(() => seen.push(durable.length))))
  expect([groups, seen]).toEqual([[[1, 2, 3]], [3, 3, 3]])
})

it('fails a whole group on a disk error, without trying again', async () => {
  const { push, groups } = setUp(() => {
    throw new TelltaleError('storage_full', 'full')
  })
  const outcomes = await Promise.allSettled([push(1), push(2)])
  expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected'])
  expect(groups).toEqual([[1, 2]])
})

it('singles out a batch that cannot be stored', async () => {
  const { push, durable } = setUp((batches) => {
    if (batches.some((one) => one.sequence === 2)) throw new Error('bad batch')
  })
  const outcomes = await Promise.allSettled([push(1), push(2), push(3)])
  expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(durable).toEqual([1, 3])
})

it('drains at once when asked to', async () => {
  const { commits, push, durable } = setUp()
  const waiting = [push(1), push(2)]
  commits.drain()
  expect(durable).toEqual([1, 2])
  await Promise.all(waiting)
})

it('refuses more than it can hold', async () => {
  const { commits } = setUp()
  const large = { ...batch({}), payload: new Uint8Array(65 * 1024 * 1024) }
  const first = commits.push(large)
  expect(() => commits.push(large)).toThrow(expect.objectContaining({ code: 'overloaded' }))
  await first
  await commits.push(batch({ sequence: 5 }))
})
