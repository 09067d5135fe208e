/** The machine that the tests run on, containers as they look from inside, and what happens when nothing can be read. */
import { createHook } from 'node:async_hooks'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { Kind } from '@telltale/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SetupError, systemMetrics } from '../../index.js'
import { Recording } from '../../testing/recording.js'
import { readCgroup } from './cgroup.js'
import { Deltas } from './counters.js'
import { measureHost } from './host.js'
import { librarySource } from './library-source.js'
import { linuxSource, parseDisks, parseInterfaces, parseMemory } from './linux-source.js'
import { containerReader } from './process.js'

let recording: Recording
beforeEach(async () => {
  recording = await Recording.start()
})
afterEach(() => recording.stop())

const last = async (name: string, attributes = {}) => (await recording.reading(name, attributes))?.values.at(-1)
const kinds = async (prefix: string) =>
  Object.fromEntries((await recording.readings(prefix)).map(({ name, kind, unit }) => [name, `${kind} ${unit}`]))

describe('systemMetrics', () => {
  it('shows the machine and the process as they are', async () => {
    const stop = systemMetrics({ client: recording.client, logger: recording.logger, intervalMs: 100 })
    await recording.until(() => recording.reading('system.filesystem.utilization'))
    await recording.until(() => recording.reading('system.cpu.utilization'))
    await recording.until(() => recording.reading('process.cpu.utilization'))
    await recording.until(() => recording.reading('nodejs.eventloop.utilization'))
    const between = async (name: string, least: number, most: number) => {
      const value = await last(name)
      expect(value, name).toBeGreaterThanOrEqual(least)
      expect(value, name).toBeLessThanOrEqual(most)
    }
    await between('system.cpu.utilization', 0, 1)
    await between('system.memory.utilization', 0, 1)
    await between('system.memory.usage', 1e7, totalmem())
    await between('system.filesystem.utilization', 0, 1)
    await between('process.cpu.utilization', 0, 1.5)
    await between('process.memory.usage', 1e7, totalmem())
    await between('v8js.memory.heap.used', 1e6, (await last('v8js.memory.heap.limit'))!)
    await between('process.unix.file_descriptor.count', 3, 1e5)
    await between('nodejs.active_resources', 1, 1e5)
    expect(await last('system.memory.limit')).toBe(totalmem())
    expect(await kinds('system.memory')).toEqual({
      'system.memory.usage': `${Kind.gauge} By`,
      'system.memory.limit': `${Kind.gauge} By`,
      'system.memory.utilization': `${Kind.gauge} 1`,
    })
    expect((await recording.reading('process.cpu.time', { 'cpu.mode': 'user' }))?.kind).toBe(Kind.counter)
    stop()
    expect(recording.warnings).toEqual([])
  })

  it('counts bytes over disks from the second reading on', async () => {
    const stop = systemMetrics({ client: recording.client, logger: recording.logger, intervalMs: 100 })
    const io = await recording.until(async () => (await recording.readings('system.disk.io')).at(0))
    expect(io).toMatchObject({ kind: Kind.counter, unit: 'By' })
    // What the disk carried since the machine began is not what it carries now.
    expect(Math.max(...io.values)).toBeLessThan(1e10)
    stop()
  })

  it('takes the package systeminformation where it is told, with the same answers', async () => {
    const [files, library] = [linuxSource(), librarySource()]
    const [a, b] = [await files.memory(), await library.memory()]
    expect(b.totalBytes).toBe(a.totalBytes)
    expect(Math.abs(b.availableBytes - a.availableBytes)).toBeLessThan(a.totalBytes / 4)
    const names = (one: { name: string }[]) => one.map(({ name }) => name).sort()
    // The package leaves out those without an address.
    expect(names(await files.interfaces())).toEqual(expect.arrayContaining(names(await library.interfaces())))
    const [disk] = await library.disks()
    expect(disk.readBytes).toBeGreaterThanOrEqual(0)
  })

  it('one source that fails stops no other', async () => {
    const broken = {
      ...linuxSource(),
      memory: () => Promise.reject(new Error('no memory here')),
      disks: () => new Promise<never>(() => {}),
    }
    const options = { intervalMs: 100, filesystemIntervalMs: 100, filesystems: ['/', '/no/such/place'] }
    const failures: string[] = []
    const steps = measureHost(recording.client, broken, options, (what) => failures.push(what))
    await recording.until(() => recording.reading('system.cpu.utilization'))
    await recording.until(() => recording.reading('system.filesystem.usage'))
    expect(new Set(failures)).toEqual(new Set(['reading the memory', 'reading the file system of /no/such/place']))
    for (const step of steps) step()
    const missing = librarySource(() => Promise.reject(new Error('Cannot find package')))
    await expect(missing.memory()).rejects.toThrow('Cannot find package')
  })

  it('stop leaves no timer', async () => {
    const timers = new Set<number>()
    const hook = createHook({
      init(id, type) {
        if (type === 'Timeout') timers.add(id)
      },
      destroy: (id) => timers.delete(id),
    }).enable()
    const stop = systemMetrics({ client: recording.client })
    expect(timers.size).toBeGreaterThan(5)
    stop()
    stop()
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
    hook.disable()
    expect(timers.size).toBe(0)
  })

  it('names the option that is wrong', () => {
    for (const [options, option] of [
      [{ intervalMs: 5 }, 'intervalMs'],
      [{ filesystemIntervalMs: Number.NaN }, 'filesystemIntervalMs'],
      [{ filesystems: '/' }, 'filesystems'],
      [{ host: 1 }, 'host'],
      [{ source: 'proc' }, 'source'],
    ] as const) {
      expect(() => systemMetrics(options as never)).toThrow(SetupError)
      expect(() => systemMetrics(options as never)).toThrow(`systemMetrics: ${option} must be`)
    }
  })
})

describe('what Linux writes', () => {
  it('is read as it is meant', () => {
    expect(parseMemory('MemTotal:       2048 kB\nMemFree: 1 kB\nMemAvailable:    1024 kB\n')).toEqual({
      totalBytes: 2 ** 21,
      availableBytes: 2 ** 20,
    })
    expect(() => parseMemory('MemTotal: 2048 kB')).toThrow('does not say')
    const net = [
      'Inter-|   Receive                                                |  Transmit',
      ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed',
      '    lo: 100 1 0 0 0 0 0 0 100 1 0 0 0 0 0 0',
      '  eth0:1000 9 1 2 0 0 0 0 500 5 3 4 0 0 0 0',
      'veth12: 7 1 0 0 0 0 0 0 7 1 0 0 0 0 0 0',
    ]
    expect(parseInterfaces(net.join('\n'))).toEqual([{ name: 'eth0', receivedBytes: 1000, sentBytes: 500, errors: 10 }])
    const disks =
      '   8  0 sda 10 0 200 5 20 0 400 9 0 1 1\n   8  1 sda1 1 0 2 5 2 0 4 9 0 1 1\n   7  0 loop0 1 0 2 5 2 0 4 9 0 1 1\n'
    expect(parseDisks(disks)).toEqual([
      { name: 'sda', readBytes: 102_400, writtenBytes: 204_800 },
      { name: 'sda1', readBytes: 1024, writtenBytes: 2048 },
    ])
  })

  it('a counter that starts again, and a device that is new, add nothing', () => {
    const deltas = new Deltas()
    expect([10, 15, 3, 4].map((value) => deltas.since('a', value))).toEqual([undefined, 5, undefined, 1])
    expect(deltas.since('b', 100)).toBeUndefined()
  })
})

describe('containers', () => {
  let root: string
  beforeEach(() => {
    root = `${mkdtempSync(join(tmpdir(), 'telltale-cgroup-'))}/`
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  function files(contents: Record<string, string>): void {
    for (const [path, text] of Object.entries(contents)) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), `${text}\n`)
    }
  }

  it('version 2, mounted as the root inside', async () => {
    files({
      'proc/self/cgroup': '0::/',
      'sys/fs/cgroup/memory.current': '300000000',
      'sys/fs/cgroup/memory.stat': 'anon 1\ninactive_file 100000000\nactive_file 5',
      'sys/fs/cgroup/memory.max': '400000000',
      'sys/fs/cgroup/cpu.max': '150000 100000',
      'sys/fs/cgroup/cpu.stat': 'usage_usec 2500000\nuser_usec 1',
    })
    expect(await readCgroup(root)).toEqual({ memoryBytes: 2e8, memoryLimitBytes: 4e8, cpuSeconds: 2.5, cpuLimit: 1.5 })
  })

  it('version 2 without limits, by its path from outside', async () => {
    files({
      'proc/self/cgroup': '0::/system.slice/app.service',
      'sys/fs/cgroup/system.slice/app.service/memory.current': '5000',
      'sys/fs/cgroup/system.slice/app.service/memory.max': 'max',
      'sys/fs/cgroup/system.slice/app.service/cpu.max': 'max 100000',
    })
    expect(await readCgroup(root)).toEqual({ memoryBytes: 5000 })
  })

  it('version 1', async () => {
    files({
      'proc/self/cgroup': '4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc',
      'sys/fs/cgroup/memory/memory.usage_in_bytes': '3000',
      'sys/fs/cgroup/memory/memory.stat': 'total_inactive_file 1000',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712',
      'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '50000',
      'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000',
      'sys/fs/cgroup/cpuacct/cpuacct.usage': '7000000000',
    })
    expect(await readCgroup(root)).toEqual({ memoryBytes: 2000, cpuSeconds: 7, cpuLimit: 0.5 })
  })

  it('no container, and files that make no sense', async () => {
    expect(await readCgroup(root)).toEqual({})
    files({ 'proc/self/cgroup': 'nonsense\n0::/', 'sys/fs/cgroup/memory.current': 'many' })
    expect(await readCgroup(root)).toEqual({})
  })

  it('usage is set beside its limit', async () => {
    let cpuSeconds = 10
    const read = containerReader(recording.client, async () => ({
      memoryBytes: 100,
      memoryLimitBytes: 400,
      cpuSeconds: cpuSeconds++,
      cpuLimit: 2,
    }))
    await read(() => false)
    await read(() => false)
    expect(await last('container.memory.utilization')).toBe(0.25)
    expect(await last('container.cpu.limit')).toBe(2)
    expect(await last('container.cpu.usage')).toBeGreaterThan(0)
  })
})
