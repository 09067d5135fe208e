import type { Dashboard } from '@telltale/protocol/api'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type BoardContent, contentOf, withConfig } from '../board/document.js'
import { BoardSession } from './board-session.js'
import { ClientError } from './errors.js'

/** A collector with one board, in memory. */
class FakeCollector {
  stored: Dashboard = {
    id: 'b',
    version: 1,
    name: 'Board',
    description: '',
    folder: '',
    tags: [],
    filters: [],
    is_public: false,
    public_link: null,
    created_at: '',
    updated_at: '',
    widgets: ['a', 'b'].map((id, i) => ({
      id,
      type: 'chart' as const,
      position: { x: i * 6, y: 0, w: 6, h: 3 },
      config: { title: id },
    })),
  }
  saves = 0
  failure: ClientError | undefined
  load = async () => {
    if (this.failure) throw this.failure
    return this.stored
  }
  save = async (_id: string, content: BoardContent, version: number) => {
    this.saves++
    if (this.failure) throw this.failure
    if (version !== this.stored.version) {
      throw new ClientError('precondition_failed', 'newer', undefined, { current: this.stored })
    }
    return this.put(content)
  }
  put(content: BoardContent): Dashboard {
    this.stored = { ...this.stored, ...content, version: this.stored.version + 1 } as Dashboard
    return this.stored
  }
  /** Somebody else saves. */
  other(change: (content: BoardContent) => BoardContent): void {
    this.put(change(contentOf(this.stored)))
  }
}

let collector: FakeCollector
let session: BoardSession

const title = (id: string, text: string) => (content: BoardContent) => withConfig(content, id, { title: text })
const titles = ({ widgets }: { widgets: BoardContent['widgets'] }) => widgets.map(({ config }) => config.title)
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

beforeEach(async () => {
  vi.useFakeTimers()
  collector = new FakeCollector()
  session = new BoardSession({ id: 'b', transport: collector, changed: () => {} })
  await pass(0)
})
afterEach(() => {
  session.close()
  vi.useRealTimers()
})

describe('what goes wrong', () => {
  it('a board that cannot be had says why, and can be tried again', async () => {
    collector.failure = new ClientError('not_found', 'no such board')
    await session.load()
    expect([session.phase, session.error?.code, session.content]).toMatchObject(['error', 'not_found', {}])
    collector.failure = undefined
    await session.load()
    expect(session.phase).toBe('ready')
  })

  it('no connection: nothing is lost, and it is saved once there is one', async () => {
    collector.failure = new ClientError('unreachable', 'no connection')
    session.edit(title('a', 'one'))
    await pass(1000)
    expect([session.saveState, session.error?.code]).toEqual(['failed', 'unreachable'])
    session.edit(title('b', 'two'))
    collector.failure = undefined
    await pass(30_000)
    expect([session.saveState, session.error, titles(collector.stored)]).toEqual(['saved', undefined, ['one', 'two']])
  })

  it('what the collector refuses is not sent again until it is changed', async () => {
    collector.failure = new ClientError('invalid_request', 'widgets[0].config: must be at most 16384 bytes of JSON')
    session.edit(title('a', 'long'))
    await pass(120_000)
    expect([session.saveState, collector.saves]).toEqual(['failed', 1])
    collector.failure = undefined
    session.edit(title('a', 'short'))
    await pass(1000)
    expect(titles(collector.stored)).toEqual(['short', 'b'])
  })

  it('two people, two widgets: both edits are kept', async () => {
    collector.other(title('b', 'theirs'))
    session.edit(title('a', 'mine'))
    await pass(2000)
    expect([session.saveState, titles(collector.stored), titles(session.content!)]).toEqual([
      'saved',
      ['mine', 'theirs'],
      ['mine', 'theirs'],
    ])
  })

  it('two people, one widget: the reader decides, and can undo', async () => {
    for (const side of ['mine', 'theirs'] as const) {
      collector.other(title('a', 'theirs'))
      session.edit(title('a', side === 'mine' ? 'mine' : 'mine again'))
      await pass(2000)
      expect([session.saveState, titles(session.theirs!)[0]]).toEqual(['conflict', 'theirs'])
      session.edit(title('b', `${side} too`))
      await pass(2000)
      expect(session.saveState).toBe('conflict')
      session.settle(side)
      await pass(2000)
      expect([session.saveState, titles(collector.stored)[0]]).toEqual(['saved', side])
    }
    session.undo()
    await pass(2000)
    expect(titles(collector.stored)[0]).toBe('mine again')
  })
})

it('saves once after a row of edits, and not where nothing has changed', async () => {
  for (const text of ['x', 'xy', 'xyz']) session.edit(title('a', text), 'title')
  expect(session.saveState).toBe('waiting')
  await pass(1000)
  expect([collector.saves, titles(collector.stored)[0], session.version]).toEqual([1, 'xyz', 2])
  session.edit((content) => ({ ...content }))
  session.undo()
  session.redo()
  await pass(1000)
  expect([collector.saves, session.saveState]).toEqual([1, 'saved'])
})

it('saves edits that come while it saves', async () => {
  session.edit(title('a', 'one'))
  const saving = session.flush()
  session.edit(title('a', 'two'))
  await saving
  await pass(1000)
  expect([titles(collector.stored)[0], session.saveState]).toEqual(['two', 'saved'])
})

it('saves what waits when it is closed', async () => {
  session.edit(title('a', 'last'))
  session.close()
  await pass(0)
  expect(titles(collector.stored)[0]).toBe('last')
})
