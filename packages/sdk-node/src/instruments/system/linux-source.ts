/** Linux says all of it in files: reading them takes microseconds and starts no process. */
import { readdir, readFile } from 'node:fs/promises'
import {
  type DiskReading,
  type HostSource,
  type InterfaceReading,
  isRealInterface,
  type MemoryReading,
} from './host-source.js'

/** Of /proc/diskstats, whatever the disk's own size is. */
const sectorBytes = 512
/** Not disks: images, memory, and layers over disks that are counted already. */
const virtualDisk = /^(loop|ram|zram|dm-|md|sr|fd)\d/

/** `root` is where `/proc` and `/sys` are found. */
export function linuxSource(root = '/'): HostSource {
  return {
    memory: async () => parseMemory(await readFile(`${root}proc/meminfo`, 'utf8')),
    interfaces: async () => parseInterfaces(await readFile(`${root}proc/net/dev`, 'utf8')),
    disks: async () => {
      // Partitions are no blocks of their own there, and their bytes are those of their disk.
      const blocks = new Set(await readdir(`${root}sys/block`))
      return parseDisks(await readFile(`${root}proc/diskstats`, 'utf8')).filter(({ name }) => blocks.has(name))
    },
  }
}

export function parseMemory(text: string): MemoryReading {
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]) * 1024
  const totalBytes = bytes('MemTotal')
  const availableBytes = bytes('MemAvailable')
  if (!Number.isFinite(totalBytes + availableBytes)) throw new Error('/proc/meminfo does not say how much there is')
  return { totalBytes, availableBytes }
}

export function parseInterfaces(text: string): InterfaceReading[] {
  const readings: InterfaceReading[] = []
  for (const line of text.split('\n')) {
    const colon = line.lastIndexOf(':')
    const name = line.slice(0, colon).trim()
    const numbers = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/)
      .map(Number)
    // bytes packets errs drop fifo frame compressed multicast, and the same again for what was sent.
    if (colon < 0 || numbers.length < 16 || !isRealInterface(name)) continue
    const [receivedBytes, , receiveErrors, receiveDrops] = numbers
    const [sentBytes, , sendErrors, sendDrops] = numbers.slice(8)
    readings.push({ name, receivedBytes, sentBytes, errors: receiveErrors + receiveDrops + sendErrors + sendDrops })
  }
  return readings
}

export function parseDisks(text: string): DiskReading[] {
  const readings: DiskReading[] = []
  for (const line of text.split('\n')) {
    const [, , name = '', , , readSectors, , , , writtenSectors] = line.trim().split(/\s+/)
    if (writtenSectors === undefined || virtualDisk.test(name)) continue
    readings.push({
      name,
      readBytes: Number(readSectors) * sectorBytes,
      writtenBytes: Number(writtenSectors) * sectorBytes,
    })
  }
  return readings
}
