import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { BoardCycle } from './board-cycle.js'

const gone = new Set<string>()
const board = {
  load: vi.fn(async (id: string) => {
    if (gone.has(id)) throw new Error('gone')
  }),
  mayTurn: vi.fn(() => true),
  turned: vi.fn(),
}
let cycle: BoardCycle

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('document', { visibilityState: 'visible' })
  gone.clear()
  cycle = new BoardCycle(board)
})
afterEach(() => {
  cycle.stop()
  vi.clearAllMocks()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const seconds = (n: number) => vi.advanceTimersByTimeAsync(n * 1000)

test('boards take turns, the last is followed by the first', async () => {
  cycle.follow(['a', 'b'], 30)
  expect([cycle.id, cycle.position]).toEqual(['a', { at: 0, of: 2 }])
  await seconds(30)
  expect(cycle.id).toBe('b')
  await seconds(30)
  expect([cycle.id, board.turned.mock.calls.length]).toEqual(['a', 2])
})

test('one that is gone is passed over, and where all others are, this one stays', async () => {
  gone.add('b')
  cycle.follow(['a', 'b', 'c'], 30)
  await seconds(30)
  expect(cycle.id).toBe('c')
  gone.add('a')
  await seconds(30)
  expect(cycle.id).toBe('c')
  gone.clear()
  await seconds(30)
  expect(cycle.id).toBe('a')
})

test('nothing turns while somebody edits, and a touch starts the turn anew', async () => {
  cycle.follow(['a', 'b'], 10)
  board.mayTurn.mockReturnValueOnce(false)
  await seconds(10)
  expect(cycle.id).toBe('a')
  await seconds(8)
  cycle.wait()
  await seconds(8)
  expect(cycle.id).toBe('a')
  await seconds(2)
  expect(cycle.id).toBe('b')
})

test('hands turn both ways, the same list changes nothing, and less than three seconds are three', async () => {
  cycle.follow(['a', 'b', 'c'], 0)
  await cycle.turn(-1)
  expect(cycle.id).toBe('c')
  cycle.follow(['a', 'b', 'c'], 0)
  expect(cycle.id).toBe('c')
  await seconds(2.9)
  expect(cycle.id).toBe('c')
  await seconds(0.1)
  expect(cycle.id).toBe('a')
  cycle.follow([], 30)
  expect(cycle.id).toBeUndefined()
})
