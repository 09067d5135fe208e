/** What the commands ask of the other stages; `main.ts` hands it in, and loads each only when a command needs it. */
import type { Command } from 'commander'
import type { VerifyReport } from '../store/store.js'

export interface GlobalFlags {
  dataDir?: string
  json?: boolean
}

export interface WorkProgress {
  doneBytes: number
  totalBytes: number
}

export interface Parts {
  /** Absolute path of the data folder, from the flag, the environment or the default. */
  dataDir(flag: string | undefined): string
  verify(dataDir: string, onProgress: (progress: WorkProgress) => void): Promise<VerifyReport>
}

export type AddCommand = (telltale: Command, parts: Parts) => void
