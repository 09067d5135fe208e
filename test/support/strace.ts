/** Runs a collector under strace: to see its system calls in order, or to have some of them fail. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export class Strace {
  readonly #folder = mkdtempSync(join(tmpdir(), 'telltale-strace-'))
  readonly #output = join(this.#folder, 'calls')
  /** For `CollectorProcess`: the tracer is a grandchild, so that signals reach the collector. */
  readonly under: readonly string[]

  /** `calls` by name; `inject` as strace writes it, such as `fsync:error=EIO:when=5`. */
  constructor({ calls, inject = [] }: { calls: readonly string[]; inject?: readonly string[] }) {
    this.under = [
      ...['strace', '-D', '-f', '-qq', '-y', '-s', '64', '-o', this.#output, '-e', `trace=${calls.join(',')}`],
      ...inject.flatMap((fault) => ['-e', `inject=${fault}`]),
    ]
  }

  /** One line a call, or two where another thread's came between its start and its end. */
  lines(): string[] {
    return readFileSync(this.#output, 'latin1').split('\n')
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
