/** Raw CPU and memory readings of this process. Attribution to single runs is the core's affair. */
import { isMainThread } from 'node:worker_threads'
import type { ResourceProbe } from '@telltale/sdk-core'
import { nodeSlices } from './slices.js'

type CpuUsage = () => NodeJS.CpuUsage

/** Node has it from 23.9 and 24 on. */
const { threadCpuUsage } = process as { threadCpuUsage?: CpuUsage }

export const nodeResources: ResourceProbe = {
  cpuMicros: () => total(process.cpuUsage()),
  threadCpuMicros: threadCpuUsage === undefined ? undefined : () => total(threadCpuUsage.call(process)),
  shared: !isMainThread,
  slices: nodeSlices,
  residentBytes: () => process.memoryUsage.rss(),
}

function total({ user, system }: NodeJS.CpuUsage): number {
  return user + system
}
