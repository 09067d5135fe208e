/** Raw CPU and memory readings of this process. Attribution to single runs is the core's affair. */
import type { ResourceProbe } from '@telltale/sdk-core'

export const nodeResources: ResourceProbe = {
  cpuMicros() {
    const { user, system } = process.cpuUsage()
    return user + system
  },
  residentBytes: () => process.memoryUsage.rss(),
}
