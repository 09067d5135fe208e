/** What the container may use, and uses: the machine around it says nothing of that. */
import { readFile } from 'node:fs/promises'

export interface CgroupReading {
  /** Without the file cache that the system takes back when it is needed. */
  memoryBytes?: number
  memoryLimitBytes?: number
  /** CPU time since the container began. */
  cpuSeconds?: number
  /** Cores that it may use, fractions included. */
  cpuLimit?: number
}

/** Version 1 says "unlimited" with a number that no machine has. */
const unlimitedBytes = 2 ** 60

/** Both versions of cgroups; what cannot be read is left out. `root` is where `/proc` and `/sys` are found. */
export async function readCgroup(root = '/'): Promise<CgroupReading> {
  const paths = await cgroupPaths(root)
  const unified = paths.get('')
  const two = unified === undefined ? {} : await readVersion2(root, unified)
  if (two.memoryBytes !== undefined || two.cpuSeconds !== undefined) return two
  return readVersion1(root, paths)
}

/** Controller → path of this process; the empty name is that of version 2. */
async function cgroupPaths(root: string): Promise<Map<string, string>> {
  const paths = new Map<string, string>()
  for (const line of ((await text(`${root}proc/self/cgroup`)) ?? '').split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    for (const controller of controllers?.split(',') ?? []) paths.set(controller, path)
  }
  return paths
}

async function readVersion2(root: string, path: string): Promise<CgroupReading> {
  const read = (file: string) => firstOf(`${root}sys/fs/cgroup`, path, file)
  const [current, stat, limit, cpuMax, cpuStat] = await Promise.all(
    ['memory.current', 'memory.stat', 'memory.max', 'cpu.max', 'cpu.stat'].map(read),
  )
  // The root of all groups has times but no memory: that is the machine, no container.
  if (current === undefined) return {}
  const [quota, period] = (cpuMax ?? 'max').split(' ')
  return {
    memoryBytes: without(number(current), field(stat, 'inactive_file')),
    memoryLimitBytes: number(limit),
    cpuSeconds: scaled(field(cpuStat, 'usage_usec'), 1e-6),
    cpuLimit: ratio(number(quota), number(period)),
  }
}

async function readVersion1(root: string, paths: ReadonlyMap<string, string>): Promise<CgroupReading> {
  const read = (controller: string, file: string) =>
    firstOf(`${root}sys/fs/cgroup/${controller}`, paths.get(controller) ?? '/', file)
  const [usage, stat, limit, quota, period, cpu] = await Promise.all([
    read('memory', 'memory.usage_in_bytes'),
    read('memory', 'memory.stat'),
    read('memory', 'memory.limit_in_bytes'),
    read('cpu', 'cpu.cfs_quota_us'),
    read('cpu', 'cpu.cfs_period_us'),
    read('cpuacct', 'cpuacct.usage'),
  ])
  const limitBytes = number(limit)
  const quotaMicros = number(quota)
  return {
    memoryBytes: without(number(usage), field(stat, 'total_inactive_file')),
    memoryLimitBytes: limitBytes !== undefined && limitBytes < unlimitedBytes ? limitBytes : undefined,
    cpuSeconds: scaled(number(cpu), 1e-9),
    // -1 is no limit.
    cpuLimit: quotaMicros !== undefined && quotaMicros > 0 ? ratio(quotaMicros, number(period)) : undefined,
  }
}

/** Inside a container its own group is often mounted as the root, while the path is that of the machine outside. */
async function firstOf(mount: string, path: string, file: string): Promise<string | undefined> {
  return (await text(`${mount}${path === '/' ? '' : path}/${file}`)) ?? (await text(`${mount}/${file}`))
}

async function text(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    return undefined
  }
}

function number(value: string | undefined): number | undefined {
  const parsed = value === undefined || value.trim() === '' ? Number.NaN : Number(value)
  return Number.isFinite(parsed) ? parsed : undefined
}

function field(lines: string | undefined, name: string): number | undefined {
  return number(new RegExp(`^${name} (\\d+)$`, 'm').exec(lines ?? '')?.[1])
}

function without(total: number | undefined, part = 0): number | undefined {
  return total === undefined ? undefined : Math.max(0, total - part)
}

function scaled(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor
}

function ratio(part: number | undefined, whole: number | undefined): number | undefined {
  return part === undefined || whole === undefined || whole === 0 ? undefined : part / whole
}
