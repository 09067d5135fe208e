/** What the machine says of its memory, its network and its disks, whichever way it is asked. */

export interface MemoryReading {
  totalBytes: number
  /** What programs can still have, caches included. */
  availableBytes: number
}

export interface InterfaceReading {
  name: string
  receivedBytes: number
  sentBytes: number
  /** Packets that were lost or broken, both ways. */
  errors: number
}

export interface DiskReading {
  name: string
  readBytes: number
  writtenBytes: number
}

/** Each rejects by itself where the machine does not say. */
export interface HostSource {
  memory(): Promise<MemoryReading>
  interfaces(): Promise<InterfaceReading[]>
  disks(): Promise<DiskReading[]>
}

/** The loopback, and what containers and virtual machines make by the dozen: their bytes also pass a real interface. */
const virtualInterface = /^(lo\d*|veth|docker|br-|virbr|cali|cni|flannel|tunl|dummy|ifb|sit|gre|ip6)/

export function isRealInterface(name: string): boolean {
  return !virtualInterface.test(name)
}
