import { expect, it } from 'vitest'
import { Snapshots } from './snapshots.js'

it('destroys at once where nobody reads', () => {
  const destroyed: string[] = []
  new Snapshots().retire(() => destroyed.push('a'))
  expect(destroyed).toEqual(['a'])
})

it('waits for the readers of that time, and for no later ones', () => {
  const snapshots = new Snapshots()
  const destroyed: string[] = []
  const first = snapshots.enter()
  const second = snapshots.enter()
  snapshots.retire(() => destroyed.push('a'))
  const later = snapshots.enter()
  snapshots.retire(() => destroyed.push('b'))
  second()
  expect(destroyed).toEqual([])
  first()
  first()
  expect(destroyed).toEqual(['a'])
  later()
  expect(destroyed).toEqual(['a', 'b'])
  expect(snapshots.readers).toBe(0)
})
