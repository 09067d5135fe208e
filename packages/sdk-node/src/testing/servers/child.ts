/** A server of somebody else's in a process and a folder of its own, for the length of a test file. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const startTimeoutMs = 30_000

export interface ServerProcess {
  /** Ends it and removes its folder. */
  stop(): Promise<void>
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'telltale-server-'))
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Resolves once `isReady` does not reject any more. What the server wrote is part of the error where it does not start. */
export async function startProcess(
  command: string,
  args: readonly string[],
  folder: string,
  isReady: () => Promise<unknown>,
  options: SpawnOptions = {},
): Promise<ServerProcess> {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const output: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => output.push(String(chunk)))
  const server = { stop: () => stop(child, folder) }
  for (const deadlineMs = Date.now() + startTimeoutMs; ; ) {
    try {
      await isReady()
      return server
    } catch (error) {
      if (child.exitCode !== null || Date.now() > deadlineMs) {
        await server.stop()
        throw new Error(`${command} did not start: ${error}\n${output.join('').slice(-2000)}`)
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit')
    // PostgreSQL takes it as an order to end at once, without waiting for clients; Redis as any server does.
    child.kill('SIGINT')
    await ended
  }
  rmSync(folder, { recursive: true, force: true })
}
