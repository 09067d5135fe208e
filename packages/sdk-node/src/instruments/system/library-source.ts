/** Every other system by the package `systeminformation`, which is loaded at the first reading and not before. */
import { type HostSource, isRealInterface } from './host-source.js'

type Library = typeof import('systeminformation')

/** `load` rejects where the package is not installed: then each reading does. */
export function librarySource(load: () => Promise<Library> = loadLibrary): HostSource {
  let loading: Promise<Library> | undefined
  const library = () => {
    loading ??= load()
    return loading
  }
  return {
    memory: async () => {
      const { total, available } = await (await library()).mem()
      return { totalBytes: total, availableBytes: available }
    },
    interfaces: async () => {
      const stats = await (await library()).networkStats('*')
      return stats
        .filter(({ iface }) => isRealInterface(iface))
        .map((one) => ({
          name: one.iface,
          receivedBytes: one.rx_bytes,
          sentBytes: one.tx_bytes,
          errors: one.rx_errors + one.rx_dropped + one.tx_errors + one.tx_dropped,
        }))
    },
    disks: async () => {
      // Null where the system does not say, whatever its types claim.
      const stats: { rx: number; wx: number } | null = await (await library()).fsStats()
      return stats === null ? [] : [{ name: 'all', readBytes: stats.rx, writtenBytes: stats.wx }]
    },
  }
}

async function loadLibrary(): Promise<Library> {
  const module: Library & { default?: Library } = await import('systeminformation')
  return module.default ?? module
}
