/**
 * How commands reach data: by the address that they were given, else the collector that serves from the data folder, else one
 * inside this process that ends with the command. All three speak HTTP, so that there is one way in.
 */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ErrorBody, Scope } from '@telltale/protocol/api'
import { CommandFailure } from './failure.js'
import type { CollectorSettings, Parts } from './parts.js'
import { findRunning } from './running.js'
import { remark } from './terminal.js'

export interface ConnectionFlags {
  endpoint?: string
  key?: string
  dataDir?: string
  project: string
}

export interface ConnectionNeeds {
  scope: Scope
  /** Make the folder and the project where they are new. */
  create?: boolean
  /** Settings of a collector inside this process. */
  settings?: CollectorSettings
}

export interface Connection {
  url: string
  key: string
  /** Oldest rows that the collector takes; undefined where it is not known, or without a limit that matters. */
  maxAgeMs?: number
  /** Revokes the key that was made for this use, and ends a collector of our own. */
  close(): Promise<void>
}

export async function connect(parts: Parts, flags: ConnectionFlags, needs: ConnectionNeeds): Promise<Connection> {
  const { endpoint, key, project } = flags
  if (endpoint !== undefined && !/^https?:\/\/[^/]/.test(endpoint)) {
    throw new CommandFailure(`--endpoint "${endpoint}" is no address such as http://127.0.0.1:8000`, 2)
  }
  const url = endpoint?.replace(/\/+$/, '')
  if (url !== undefined && key !== undefined) return { url, key, async close() {} }
  const dataDir = parts.dataDir(flags.dataDir)
  if (!needs.create && !existsSync(join(dataDir, 'catalog.db'))) {
    throw new CommandFailure(
      `There is no Telltale data in ${dataDir}. Name its folder with --data-dir, or a collector with --endpoint and --key`,
    )
  }
  const running = url === undefined ? await findRunning(dataDir) : undefined
  const address = url ?? running?.url
  const own = address === undefined ? await parts.collect(dataDir, needs.settings ?? {}) : undefined
  if (own?.firstKey !== undefined) keepFirstKey(own.firstKey, dataDir)
  try {
    const made = key === undefined ? parts.temporaryKey(dataDir, project, needs) : undefined
    return {
      url: address ?? (own as { url: string }).url,
      key: key ?? made?.secret ?? '',
      maxAgeMs: running?.maxAgeMs,
      async close() {
        made?.drop()
        await own?.close()
      },
    }
  } catch (error) {
    await own?.close()
    throw error
  }
}

/** The parsed answer. Throws CommandFailure with the collector's own words. */
export async function post<T>({ url, key }: Connection, path: string, body: unknown): Promise<T> {
  let response: Response
  try {
    response = await fetch(url + path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    })
  } catch (error) {
    throw unreachable(url, error)
  }
  const text = await response.text()
  if (response.ok) return JSON.parse(text) as T
  throw new CommandFailure(errorMessage(response.status, text), response.status === 400 ? 2 : 1)
}

export function unreachable(url: string, error: unknown): CommandFailure {
  const { cause, message } = error as Error & { cause?: Error }
  const reason = (cause as NodeJS.ErrnoException | undefined)?.code ?? (error as NodeJS.ErrnoException).code ?? message
  return new CommandFailure(`No collector answers at ${url} (${reason}). Start it with: telltale serve`)
}

export function errorMessage(status: number, body: string): string {
  try {
    const { code, message } = (JSON.parse(body) as ErrorBody).error
    return `${message} (${code})`
  } catch {
    return `The answer was ${status}: ${body.slice(0, 200)}`
  }
}

/** A collector inside a command can be the very first of its folder. */
function keepFirstKey(key: string, dataDir: string): void {
  const path = join(dataDir, 'admin-key')
  writeFileSync(path, `${key}\n`, { mode: 0o600 })
  remark(`The admin key of project "default" is in ${path}`)
}
