/** Task runs on Node itself: parents across awaits, time by slices, CPU in threads. */
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { CpuMethod, type DecodedBatch } from '@telltale/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Client, type ClientOptions, init } from './index.js'
import { TestCollector } from './testing/collector.js'

let collector: TestCollector
let client: Client

beforeEach(async () => {
  collector = new TestCollector()
  await collector.start()
})

afterEach(async () => {
  await client.close()
  await collector.stop()
})

function start(options: ClientOptions = {}): void {
  client = init({ endpoint: collector.endpoint, flushIntervalMs: 3_600_000, logger: false, ...options })
}

async function column<T>(read: (batch: DecodedBatch, row: number) => T): Promise<Record<string, T>> {
  await client.flush()
  const found: Record<string, T> = {}
  for (const batch of collector.stored.values()) {
    for (let row = 0; row < (batch.tasks?.count ?? 0); row++) {
      found[batch.strings[batch.tasks!.type[row]]] = read(batch, row)
    }
  }
  return found
}

const parents = () => column(({ strings, tasks }, row) => strings[tasks!.parentId?.[row] ?? 0])
const ids = () => column(({ strings, tasks }, row) => strings[tasks!.id[row]])

describe('parents', () => {
  it('are found across awaits and timers, each in its own run', async () => {
    start()
    const job = (name: string) =>
      client.withTaskMetrics(name, async () => {
        await sleep(1)
        await client.withTaskMetrics(`${name}/child`, async () => {
          await turn()
          client.withTaskMetrics(`${name}/grandchild`, () => 1)
        })
      })
    await Promise.all([job('a'), job('b')])
    const [found, id] = [await parents(), await ids()]
    for (const name of ['a', 'b']) {
      expect(found[name]).toBe('')
      expect(found[`${name}/child`]).toBe(id[name])
      expect(found[`${name}/grandchild`]).toBe(id[`${name}/child`])
    }
  })

  it('are found through instrumentTask, and not for what a run leaves behind', async () => {
    start()
    let later: Promise<unknown> = Promise.resolve()
    const outer = client.instrumentTask('outer', async function (this: { n: number }, more: number) {
      await turn()
      client.withTaskMetrics('inner', () => 1)
      later = sleep(20).then(() => client.withTaskMetrics('left behind', () => 1))
      return this.n + more
    })
    expect(await outer.call({ n: 1 }, 2)).toBe(3)
    await later
    const [found, id] = [await parents(), await ids()]
    expect(found.inner).toBe(id.outer)
    expect(found['left behind']).toBe('')
  })

  it("nesting: 'sync' ends at the first await", async () => {
    start({ nesting: 'sync' })
    await client.withTaskMetrics('outer', async () => {
      client.withTaskMetrics('before', () => 1)
      await turn()
      client.withTaskMetrics('after', () => 1)
    })
    const [found, id] = [await parents(), await ids()]
    expect([found.before, found.after]).toEqual([id.outer, ''])
  })
})

describe("cpu: 'slices'", () => {
  const burn = (ms: number) => {
    const endMs = performance.now() + ms
    while (performance.now() < endMs);
  }

  it('charges each of overlapping runs with its own work, and none with waiting', async () => {
    start({ cpu: 'slices' })
    const job = (name: string, slices: number, ms: number) =>
      client.withTaskMetrics(name, async () => {
        for (let i = 0; i < slices; i++) {
          burn(ms)
          await turn()
        }
        await sleep(30)
      })
    await Promise.all([job('light', 10, 1), job('heavy', 10, 6), job('idle', 0, 0)])
    const cpu = await column(({ tasks }, row) => tasks!.cpuTimeMs![row])
    const method = await column(({ tasks }, row) => tasks!.cpuMethod![row])
    expect(new Set(Object.values(method))).toEqual(new Set([CpuMethod.slices]))
    expect(cpu.light).toBeGreaterThanOrEqual(9)
    expect(cpu.heavy).toBeGreaterThanOrEqual(55)
    // Each is at least its own work; that none holds another's shows in the order, whatever else the machine does.
    expect(cpu.heavy).toBeGreaterThan(cpu.light)
    expect(cpu.light).toBeGreaterThan(cpu.idle)
  })

  it('an inner run takes its time for itself, and synchronous runs count too', async () => {
    start({ cpu: 'slices' })
    client.withTaskMetrics('outer', () => {
      burn(2)
      client.withTaskMetrics('inner', () => burn(20))
    })
    const cpu = await column(({ tasks }, row) => tasks!.cpuTimeMs![row])
    expect(cpu.inner).toBeGreaterThanOrEqual(19)
    expect(cpu.outer).toBeGreaterThanOrEqual(1)
    expect(cpu.inner).toBeGreaterThan(cpu.outer)
  })
})
