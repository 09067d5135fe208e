/** This process: CPU, memory, heap, handles, and the container's share of them where it is in one. */
import { readdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { performance } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import type { Failed } from '../shared/guard.js'
import { poll } from '../shared/poll.js'
import type { InstrumentTarget } from '../shared/target.js'
import { type CgroupReading, readCgroup } from './cgroup.js'
import { Deltas } from './counters.js'

export function measureProcess(target: InstrumentTarget, intervalMs: number, failed: Failed): (() => void)[] {
  return [
    poll(intervalMs, 'reading the CPU of the process', failed, cpuReader(target)),
    poll(intervalMs, 'reading the memory of the process', failed, memoryReader(target)),
    poll(intervalMs, 'counting handles', failed, handleReader(target)),
    poll(intervalMs, 'reading the container', failed, containerReader(target)),
  ]
}

function cpuReader(target: InstrumentTarget): () => void {
  const time = target.counter('process.cpu.time', {
    unit: 's',
    description: 'CPU time of the process, of all threads.',
  })
  const user = time.with({ 'cpu.mode': 'user' })
  const system = time.with({ 'cpu.mode': 'system' })
  const utilization = target.gauge('process.cpu.utilization', {
    unit: '1',
    description: 'CPU time of the process, as a share of all cores that it may use.',
  })
  const uptime = target.gauge('process.uptime', { unit: 's', description: 'Age of the process.' })
  let before = process.cpuUsage()
  let beforeMs = performance.now()
  return () => {
    const nowMs = performance.now()
    const used = process.cpuUsage(before)
    before = process.cpuUsage()
    user.add(used.user / 1e6)
    system.add(used.system / 1e6)
    const elapsedMicros = (nowMs - beforeMs) * 1000
    // The first reading follows at once, over no time to speak of.
    if (elapsedMicros > 10_000) {
      utilization.set((used.user + used.system) / elapsedMicros / availableParallelism())
      beforeMs = nowMs
    }
    uptime.set(process.uptime())
  }
}

function memoryReader(target: InstrumentTarget): () => void {
  const gauge = (name: string, description: string) => target.gauge(name, { unit: 'By', description })
  const resident = gauge('process.memory.usage', 'Resident memory of the process.')
  const heapUsed = gauge('v8js.memory.heap.used', 'Heap in use by objects.')
  const heapLimit = gauge('v8js.memory.heap.limit', 'What the heap may grow to before the process ends.')
  const external = gauge('nodejs.memory.external', 'Memory of buffers and of C++ objects that objects hold.')
  return () => {
    const { rss, heapUsed: used, external: outside } = process.memoryUsage()
    resident.set(rss)
    heapUsed.set(used)
    external.set(outside)
    heapLimit.set(getHeapStatistics().heap_size_limit)
  }
}

function handleReader(target: InstrumentTarget): () => Promise<void> {
  const active = target.gauge('nodejs.active_resources', {
    description: 'Sockets, timers, files and requests that keep the event loop alive.',
  })
  const descriptors = target.gauge('process.unix.file_descriptor.count', {
    description: 'Files and sockets that the process has open.',
  })
  return async () => {
    active.set(process.getActiveResourcesInfo().length)
    if (process.platform !== 'linux') return
    // One of them is the folder itself.
    descriptors.set((await readdir('/proc/self/fd')).length - 1)
  }
}

/** `read` is for tests. */
export function containerReader(
  target: InstrumentTarget,
  read: () => Promise<CgroupReading> = readCgroup,
): (isStopped: () => boolean) => Promise<void> {
  const gauge = (name: string, unit: string, description: string) => target.gauge(name, { unit, description })
  const deltas = new Deltas()
  let beforeMs = performance.now()
  return async (isStopped) => {
    const { memoryBytes, memoryLimitBytes, cpuSeconds, cpuLimit } = await read()
    if (isStopped()) return
    const set = (name: string, unit: string, value: number | undefined, description: string) => {
      if (value !== undefined && Number.isFinite(value)) gauge(name, unit, description).set(value)
    }
    const nowMs = performance.now()
    const used = cpuSeconds === undefined ? undefined : deltas.since('cpu', cpuSeconds)
    const cores = used === undefined ? undefined : used / ((nowMs - beforeMs) / 1000)
    beforeMs = nowMs
    set('container.memory.usage', 'By', memoryBytes, 'Memory of the container, without file cache that is not needed.')
    set('container.memory.limit', 'By', memoryLimitBytes, 'Memory that the container may use.')
    set('container.memory.utilization', '1', memoryBytes! / memoryLimitBytes!, 'Share of its limit that it uses.')
    set('container.cpu.usage', '{cpu}', cores, 'Cores that the container uses.')
    set('container.cpu.limit', '{cpu}', cpuLimit, 'Cores that the container may use.')
    set('container.cpu.utilization', '1', cores! / cpuLimit!, 'Share of its limit that it uses.')
  }
}
