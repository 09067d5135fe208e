import { expect, it } from 'vitest'
import { Flights } from './flights.js'

function flight() {
  const flights = new Flights<string>()
  const begun: { signal: AbortSignal; land: (value: string) => void; crash: (error: Error) => void }[] = []
  const board = (signal?: AbortSignal, key = 'k') =>
    flights.board(key, signal, (cancel) => {
      return new Promise((land, crash) => begun.push({ signal: cancel, land, crash }))
    })
  return { begun, board }
}

it('does once what several want at the same time', async () => {
  const { begun, board } = flight()
  const first = board()
  const second = board()
  board(undefined, 'other')
  expect(begun).toHaveLength(2)
  begun[0]!.land('done')
  expect([first.isJoined, second.isJoined]).toEqual([false, true])
  expect(await Promise.all([first.outcome, second.outcome])).toEqual(['done', 'done'])
  board()
  expect(begun).toHaveLength(3)
})

it('goes on while anybody waits', async () => {
  const { begun, board } = flight()
  const impatient = new AbortController()
  const first = board(impatient.signal)
  const second = board(new AbortController().signal)
  impatient.abort()
  await expect(first.outcome).rejects.toMatchObject({ code: 'query_timeout' })
  expect(begun[0]!.signal.aborted).toBe(false)
  begun[0]!.land('done')
  expect(await second.outcome).toBe('done')
})

it('stops when the last one has left, and nobody joins what was stopped', async () => {
  const { begun, board } = flight()
  const [a, b] = [new AbortController(), new AbortController()]
  const outcomes = [board(a.signal).outcome, board(b.signal).outcome]
  a.abort()
  b.abort()
  for (const outcome of outcomes) await expect(outcome).rejects.toMatchObject({ code: 'query_timeout' })
  expect(begun[0]!.signal.aborted).toBe(true)
  expect(board().isJoined).toBe(false)
  begun[0]!.crash(new Error('stopped'))
  expect(board().isJoined).toBe(true)
})

it('lets a signal that has fired already leave at once', async () => {
  const { begun, board } = flight()
  await expect(board(AbortSignal.abort()).outcome).rejects.toMatchObject({ code: 'query_timeout' })
  expect(begun[0]!.signal.aborted).toBe(true)
})

it('tells everybody of a failure, and forgets it', async () => {
  const { begun, board } = flight()
  const outcomes = [board().outcome, board().outcome]
  begun[0]!.crash(new Error('no'))
  for (const outcome of outcomes) await expect(outcome).rejects.toThrow('no')
  expect(board().isJoined).toBe(false)
})
