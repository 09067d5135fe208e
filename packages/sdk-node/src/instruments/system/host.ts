/** The machine: CPU, memory, file systems, disks and network, each by itself, so that one that fails stops no other. */
import { statfs } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg } from 'node:os'
import type { Failed } from '../shared/guard.js'
import { poll } from '../shared/poll.js'
import type { InstrumentTarget } from '../shared/target.js'
import { Deltas } from './counters.js'
import type { HostSource } from './host-source.js'

export interface HostOptions {
  intervalMs: number
  filesystemIntervalMs: number
  filesystems: readonly string[]
}

export function measureHost(
  target: InstrumentTarget,
  source: HostSource,
  options: HostOptions,
  failed: Failed,
): (() => void)[] {
  const { intervalMs, filesystemIntervalMs, filesystems } = options
  return [
    poll(intervalMs, 'reading the CPU', failed, cpuReader(target)),
    poll(intervalMs, 'reading the memory', failed, memoryReader(target, source)),
    poll(intervalMs, 'reading the network', failed, networkReader(target, source)),
    poll(intervalMs, 'reading the disks', failed, diskReader(target, source)),
    ...filesystems.map((path) =>
      poll(filesystemIntervalMs, `reading the file system of ${path}`, failed, filesystemReader(target, path)),
    ),
  ]
}

function cpuReader(target: InstrumentTarget): () => void {
  const utilization = target.gauge('system.cpu.utilization', {
    unit: '1',
    description: 'Share of the time of all cores in which they were busy.',
  })
  const count = target.gauge('system.cpu.logical.count', { description: 'Cores that this process may use.' })
  const load = target.gauge('system.cpu.load_average.1m', { description: 'Tasks that ran or waited, over a minute.' })
  let before = cpuTimes()
  return () => {
    const now = cpuTimes()
    const elapsed = now.total - before.total
    if (elapsed > 0) utilization.set((now.busy - before.busy) / elapsed)
    before = now
    count.set(availableParallelism())
    load.set(loadavg()[0])
  }
}

function cpuTimes(): { busy: number; total: number } {
  let busy = 0
  let total = 0
  for (const { times } of cpus()) {
    const { user, nice, sys, idle, irq } = times
    busy += user + nice + sys + irq
    total += user + nice + sys + irq + idle
  }
  return { busy, total }
}

type Reader = (isStopped: () => boolean) => Promise<void>

function memoryReader(target: InstrumentTarget, source: HostSource): Reader {
  const used = target
    .gauge('system.memory.usage', { unit: 'By', description: 'Memory in use, without what programs can still have.' })
    .with({ 'system.memory.state': 'used' })
  const limit = target.gauge('system.memory.limit', { unit: 'By', description: 'Memory of the machine.' })
  const utilization = target.gauge('system.memory.utilization', {
    unit: '1',
    description: 'Share of the memory that is in use.',
  })
  return async (isStopped) => {
    const { totalBytes, availableBytes } = await source.memory()
    if (isStopped()) return
    used.set(totalBytes - availableBytes)
    limit.set(totalBytes)
    utilization.set((totalBytes - availableBytes) / totalBytes)
  }
}

function networkReader(target: InstrumentTarget, source: HostSource): Reader {
  const io = target.counter('system.network.io', { unit: 'By', description: 'Bytes over the network.' })
  const errors = target.counter('system.network.errors', { description: 'Packets that were lost or broken.' })
  const deltas = new Deltas()
  return async (isStopped) => {
    const interfaces = await source.interfaces()
    if (isStopped()) return
    for (const one of interfaces) {
      const device = { 'network.interface.name': one.name }
      const received = deltas.since(`${one.name} in`, one.receivedBytes)
      const sent = deltas.since(`${one.name} out`, one.sentBytes)
      const broken = deltas.since(`${one.name} errors`, one.errors)
      if (received !== undefined) io.add(received, { ...device, 'network.io.direction': 'receive' })
      if (sent !== undefined) io.add(sent, { ...device, 'network.io.direction': 'transmit' })
      if (broken !== undefined) errors.add(broken, device)
    }
  }
}

function diskReader(target: InstrumentTarget, source: HostSource): Reader {
  const io = target.counter('system.disk.io', { unit: 'By', description: 'Bytes read from and written to disks.' })
  const deltas = new Deltas()
  return async (isStopped) => {
    const disks = await source.disks()
    if (isStopped()) return
    for (const { name, readBytes, writtenBytes } of disks) {
      const read = deltas.since(`${name} read`, readBytes)
      const written = deltas.since(`${name} write`, writtenBytes)
      if (read !== undefined) io.add(read, { 'system.device': name, 'disk.io.direction': 'read' })
      if (written !== undefined) io.add(written, { 'system.device': name, 'disk.io.direction': 'write' })
    }
  }
}

function filesystemReader(target: InstrumentTarget, path: string): Reader {
  const place = { 'system.filesystem.mountpoint': path }
  const used = target
    .gauge('system.filesystem.usage', { unit: 'By', description: 'Bytes of the file system in use.' })
    .with({ ...place, 'system.filesystem.state': 'used' })
  const utilization = target
    .gauge('system.filesystem.utilization', { unit: '1', description: 'Share of the file system that is in use.' })
    .with(place)
  return async (isStopped) => {
    const { blocks, bfree, bavail, bsize } = await statfs(path)
    if (isStopped()) return
    const usedBlocks = blocks - bfree
    used.set(usedBlocks * bsize)
    // As df has it: what is kept for root is nobody's to use.
    if (usedBlocks + bavail > 0) utilization.set(usedBlocks / (usedBlocks + bavail))
  }
}
