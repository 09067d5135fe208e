/** What a task run records of its ends, its limits, its wait and its origin. */
import { CpuMethod, TaskStatus } from '@telltale/protocol'
import { beforeEach, describe, expect, it } from 'vitest'
import { SdkClient } from '../client.js'
import type { ClientOptions } from '../options.js'
import { settle } from '../testing/fake-clock.js'
import { FakePlatform } from '../testing/fake-platform.js'

const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
const span = '00f067aa0ba902b7'

let platform: FakePlatform
let client: SdkClient

beforeEach(() => start())

function start(options: ClientOptions = {}): void {
  platform = new FakePlatform()
  client = new SdkClient(platform, { logger: platform.logger, flushIntervalMs: 3_600_000, ...options })
}

interface Row {
  type: string
  id: string
  status: number
  errorType: string
  errorMessage: string
  parentId: string
  traceId: string
  durationMs: number
  queueWaitMs: number | undefined
  cpuMethod: number
}

/** Recorded runs by their type. */
async function recorded(): Promise<Record<string, Row>> {
  await client.flush()
  const rows: Record<string, Row> = {}
  for (const { tasks, strings } of platform.stored.values()) {
    for (let i = 0; i < (tasks?.count ?? 0); i++) {
      const type = strings[tasks!.type[i]]
      rows[type] = {
        type,
        id: strings[tasks!.id[i]],
        status: tasks!.status[i],
        errorType: strings[tasks!.errorType?.[i] ?? 0],
        errorMessage: strings[tasks!.errorMessage?.[i] ?? 0],
        parentId: strings[tasks!.parentId?.[i] ?? 0],
        traceId: strings[tasks!.traceId?.[i] ?? 0],
        durationMs: tasks!.durationMs[i],
        queueWaitMs: tasks!.queueWaitMs?.[i],
        cpuMethod: tasks!.cpuMethod?.[i] ?? CpuMethod.none,
      }
    }
  }
  return rows
}

const named = (name: string, message = '') => Object.assign(new Error(message), { name })

describe('ends of runs', () => {
  it('are told from errors by name, and by the signal that was given', async () => {
    const aborted = AbortSignal.abort()
    const timedOut = AbortSignal.abort(named('TimeoutError'))
    const cases: [type: string, error: unknown, signal: AbortSignal | undefined, status: number][] = [
      ['error', new RangeError('far'), undefined, TaskStatus.error],
      ['timeout by name', named('TimeoutError'), undefined, TaskStatus.timeout],
      ['cancelled by name', named('AbortError'), undefined, TaskStatus.cancelled],
      ['cancelled by signal', new Error('socket hang up'), aborted, TaskStatus.cancelled],
      ['timeout by signal', new Error('socket hang up'), timedOut, TaskStatus.timeout],
      ['signal unused', new Error('mine'), new AbortController().signal, TaskStatus.error],
    ]
    for (const [type, error, signal] of cases) {
      await expect(client.withTaskMetrics(type, async () => Promise.reject(error), { signal })).rejects.toBe(error)
    }
    const rows = await recorded()
    for (const [type, , , status] of cases) expect([type, rows[type].status]).toEqual([type, status])
    expect(rows['cancelled by signal']).toMatchObject({ errorType: 'Error', errorMessage: 'socket hang up' })
  })

  it('that succeed in spite of an aborted signal are ok', async () => {
    client.withTaskMetrics('t', () => 1, { signal: AbortSignal.abort() })
    expect((await recorded()).t.status).toBe(TaskStatus.ok)
  })
})

describe('timeoutMs', () => {
  it('records a run that hangs, once, and aborts its signal', async () => {
    let reason: unknown
    let finish: (value: string) => void = () => {}
    const result = client.withTaskMetrics(
      't',
      (task) => {
        task.signal.addEventListener('abort', () => (reason = task.signal.reason))
        return new Promise<string>((resolve) => (finish = resolve))
      },
      { timeoutMs: 500 },
    )
    await platform.clock.advance(600)
    expect(reason).toMatchObject({ name: 'TimeoutError', message: 'no result within 500 ms' })
    finish('late')
    expect(await result).toBe('late')
    expect(await recorded()).toMatchObject({
      t: { status: TaskStatus.timeout, durationMs: 500, errorType: 'TimeoutError' },
    })
    expect(client.stats()).toMatchObject({ recorded: 1, acked: 1 })
  })

  it('leaves nothing behind where the run ends in time', async () => {
    const signal = new AbortController().signal
    const timers = platform.clock.timers
    const seen = client.withTaskMetrics('t', (task) => task.signal, { timeoutMs: 500, signal })
    expect(platform.clock.timers).toBe(timers)
    await platform.clock.advance(1000)
    expect(seen.aborted).toBe(false)
    expect((await recorded()).t.status).toBe(TaskStatus.ok)
  })

  it('joins the signal that was given', () => {
    const controller = new AbortController()
    client.withTaskMetrics(
      't',
      (task) => {
        expect(task.signal.aborted).toBe(false)
        controller.abort('enough')
        expect([task.signal.aborted, task.signal.reason]).toEqual([true, 'enough'])
      },
      { timeoutMs: 500, signal: controller.signal },
    )
    client.withTaskMetrics('t', (task) => expect(task.signal.reason).toBe('enough'), {
      timeoutMs: 500,
      signal: controller.signal,
    })
  })

  it('that makes no sense is no limit', async () => {
    for (const timeoutMs of [0, -1, Number.NaN, 1e12, '5' as unknown as number]) {
      client.withTaskMetrics('t', (task) => task.signal.aborted, { timeoutMs })
    }
    await platform.clock.advance(1e7)
    expect((await recorded()).t.status).toBe(TaskStatus.ok)
  })
})

describe('queue wait', () => {
  it('is counted from queuedAt, never negative, and goes after queueWaitMs', async () => {
    const nowMs = platform.clock.wallMs()
    client.withTaskMetrics('ms', () => 1, { queuedAt: nowMs - 2500 })
    client.withTaskMetrics('date', () => 1, { queuedAt: new Date(nowMs - 1500) })
    client.withTaskMetrics('future', () => 1, { queuedAt: nowMs + 99 })
    client.withTaskMetrics('both', () => 1, { queuedAt: nowMs - 99, queueWaitMs: 7 })
    client.withTaskMetrics('invalid', () => 1, { queuedAt: new Date(Number.NaN) })
    const rows = await recorded()
    const waits = Object.values(rows).map((row) => [row.type, row.queueWaitMs])
    expect(Object.fromEntries(waits)).toEqual({ ms: 2500, date: 1500, future: 0, both: 7, invalid: Number.NaN })
  })
})

describe('origin', () => {
  it('a run that starts inside another is its child, and shares its trace', async () => {
    let header = ''
    client.withTaskMetrics('outer', (outer) => {
      client.withTaskMetrics('inner', () => client.withTaskMetrics('innermost', () => 1))
      header = outer.traceparent
      expect(outer.traceparent).toBe(header)
    })
    client.withTaskMetrics('after', () => 1)
    const rows = await recorded()
    expect(rows.inner.parentId).toBe(rows.outer.id)
    expect(rows.innermost.parentId).toBe(rows.inner.id)
    expect([rows.outer.parentId, rows.after.parentId]).toEqual(['', ''])
    expect(header).toBe(`00-${rows.outer.traceId}-${rows.outer.id}-01`)
    expect(header).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  })

  it('is not left behind by a run that throws', async () => {
    expect(() =>
      client.withTaskMetrics('outer', () => {
        throw new Error('mine')
      }),
    ).toThrow('mine')
    client.withTaskMetrics('next', () => 1)
    expect((await recorded()).next.parentId).toBe('')
  })

  it('traceparent makes the run a child of the caller, and is handed on', async () => {
    let handedOn = ''
    client.withTaskMetrics('t', (task) => (handedOn = task.traceparent), { traceparent: `00-${trace}-${span}-00` })
    client.withTaskMetrics('bad', () => 1, { traceparent: 'nonsense' })
    const rows = await recorded()
    expect(rows.t).toMatchObject({ parentId: span, traceId: trace })
    expect(handedOn).toBe(`00-${trace}-${rows.t.id}-00`)
    expect(rows.bad).toMatchObject({ parentId: '', traceId: '' })
  })

  it('given ids go before what is found', async () => {
    client.withTaskMetrics('outer', () =>
      client.withTaskMetrics('inner', () => 1, {
        parentId: 'job-7',
        traceId: 'trace-7',
        traceparent: `00-${trace}-${span}-01`,
      }),
    )
    expect((await recorded()).inner).toMatchObject({ parentId: 'job-7', traceId: 'trace-7' })
  })

  it("nesting: 'off' links nothing", async () => {
    start({ nesting: 'off' })
    client.withTaskMetrics('outer', () => client.withTaskMetrics('inner', () => 1))
    expect((await recorded()).inner.parentId).toBe('')
  })

  it('a run that has ended is nobody’s parent', async () => {
    let current: unknown
    start()
    Object.assign(platform, {
      runContext: {
        run: (run: unknown, work: (run: unknown) => unknown) => {
          current = run
          return work(run)
        },
        current: () => current,
      },
    })
    client = new SdkClient(platform, { logger: false, flushIntervalMs: 3_600_000 })
    let release: () => void = () => {}
    const outer = client.withTaskMetrics('outer', async () => new Promise<void>((resolve) => (release = resolve)))
    client.withTaskMetrics('while open', () => 1)
    release()
    await outer
    await settle()
    client.withTaskMetrics('once ended', () => 1)
    const rows = await recorded()
    expect(rows['while open'].parentId).toBe(rows.outer.id)
    expect(rows['once ended'].parentId).toBe('')
  })
})
