/** What the commands ask of the other stages; `main.ts` hands it in, and loads each only when a command needs it. */
import type { ResolvedEmbedTokenRequest, Scope } from '@telltale/protocol/api'
import type { Command } from 'commander'
import type { SettingName } from '../config.js'
import type { VerifyReport } from '../store/store.js'

export interface GlobalFlags {
  dataDir?: string
  json?: boolean
}

export interface WorkProgress {
  doneBytes: number
  totalBytes: number
}

/** What a command changes in the settings of a collector inside its own process, by their names in the config file. */
export type CollectorSettings = Partial<Record<SettingName, unknown>>

/** A collector inside this process: it listens on loopback alone, on a free port. */
export interface OwnCollector {
  url: string
  /** The admin key of the default project, where this was the folder's first start. */
  firstKey?: string
  close(): Promise<void>
}

/** A key that lives as long as the command. */
export interface TemporaryKey {
  secret: string
  drop(): void
}

export interface Parts {
  /** The file of `telltale` itself, for a process of its own. */
  program: string
  /** Absolute path of the data folder, from the flag, the environment or the default. */
  dataDir(flag: string | undefined): string
  /** Refuses a project that is not there, unless it may be made. */
  temporaryKey(dataDir: string, project: string, needs: { scope: Scope; create?: boolean }): TemporaryKey
  collect(dataDir: string, settings: CollectorSettings): Promise<OwnCollector>
  /** Refuses a project that is not there. */
  embedToken(
    dataDir: string,
    project: string,
    request: ResolvedEmbedTokenRequest,
  ): Promise<{ token: string; expiresMs: number }>
  verify(dataDir: string, onProgress: (progress: WorkProgress) => void): Promise<VerifyReport>
  backup(request: BackupRequest): Promise<CopyReport & { skipped: { file: string; reason: string }[] }>
  restore(request: RestoreRequest): Promise<CopyReport & { createdAt: string }>
}

export interface BackupRequest {
  dataDir: string
  target: string
  skipDamaged: boolean
  onProgress(progress: WorkProgress): void
}

export interface RestoreRequest {
  source: string
  dataDir: string
  onProgress(progress: WorkProgress): void
}

export interface CopyReport {
  files: number
  bytes: number
  segments: number
}

export type AddCommand = (telltale: Command, parts: Parts) => void
