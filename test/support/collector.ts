/** A real collector for black-box tests: the built binary, a free port, a temporary folder. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

const binary = resolve('packages/collector/bin/telltale.mjs')
const startTimeoutMs = 30_000

export class CollectorProcess {
  readonly port: number
  readonly dataDir: string
  /** A command that the next start runs under, such as strace; it must leave the collector as the child. */
  under: readonly string[] = []
  readonly #flags: readonly string[]
  #child: ChildProcess | undefined
  /** The last lines that it wrote, for messages of failures. */
  readonly #tail: string[] = []

  private constructor(port: number, flags: readonly string[], dataDir: string) {
    this.port = port
    this.dataDir = dataDir
    this.#flags = flags
  }

  /** Resolves once it listens. Its own measures are off, unless a test asks for them: they would add rows at any moment. */
  static async start(
    flags: readonly string[] = [],
    options: { dataDir?: string; under?: readonly string[] } = {},
  ): Promise<CollectorProcess> {
    const { dataDir = mkdtempSync(join(tmpdir(), 'telltale-test-')), under = [] } = options
    const collector = new CollectorProcess(await freePort(), flags, dataDir)
    collector.under = under
    await collector.start()
    return collector
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** On the same port and folder as before. */
  async start(): Promise<void> {
    const args = [binary, 'serve', '--port', String(this.port), '--data-dir', this.dataDir, ...this.#flags]
    const env = { TELLTALE_SELF_METRICS_INTERVAL: '0s', ...process.env }
    const [command, ...rest] = [...this.under, process.execPath, ...args] as [string, ...string[]]
    const child = spawn(command, rest, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    await new Promise<void>((listening, failed) => {
      const timer = setTimeout(() => failed(this.#failure('did not listen in time')), startTimeoutMs)
      child.once('exit', (code) => failed(this.#failure(`ended with ${code}`)))
      for (const stream of [child.stdout, child.stderr]) {
        createInterface({ input: stream }).on('line', (line) => {
          this.#tail.push(line)
          if (this.#tail.length > 30) this.#tail.shift()
          if (!line.startsWith('listening on ')) return
          clearTimeout(timer)
          listening()
        })
      }
    })
  }

  /** Resolves with the exit code, or the signal that ended it. */
  async end(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<number | string | null> {
    const child = this.#child
    this.#child = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null
    const ended = new Promise<number | string | null>((resolveEnd) => {
      child.once('exit', (code, endedBy) => resolveEnd(code ?? endedBy))
    })
    child.kill(signal)
    return ended
  }

  /** It stops in its tracks, its sockets stay open: as under a debugger, or on a machine that swaps. */
  freeze(): void {
    this.#child?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child?.kill('SIGCONT')
  }

  /** Stops it, whatever its state, and removes its folder. */
  async dispose(): Promise<void> {
    await this.end('SIGTERM')
    rmSync(this.dataDir, { recursive: true, force: true })
  }

  /** Runs `telltale …` on the same folder; resolves with its output. */
  async telltale(...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, [binary, ...args, '--data-dir', this.dataDir])
    return stdout
  }

  async createKey(scope: 'ingest' | 'read' | 'admin', project = 'default', publishable = false): Promise<string> {
    const flags = publishable ? ['--publishable'] : []
    const output = await this.telltale('keys', 'create', '--project', project, '--scope', scope, ...flags, '--json')
    return (JSON.parse(output) as { key: string }).key
  }

  #failure(what: string): Error {
    return new Error(`The collector ${what}:\n${this.#tail.join('\n')}`)
  }
}

function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const server = createServer()
    server.once('error', failed)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => found(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
