/** How a command fails: a sentence on stderr that says what to do next, and an exit code. */

/** Exit codes: 0 fine, 1 failed, 2 wrong usage. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
  readonly exitCode: 1 | 2

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

/** What to tell the user about an error that nobody foresaw; its stack is for the log level `debug` alone. */
export function explain(error: unknown): string {
  const { code, message, syscall, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number }
  if (code === 'EADDRINUSE') return `Port ${port} is taken. Stop what listens there, or choose another with --port`
  if (code === 'EACCES' && syscall === 'listen') {
    return `Port ${port} needs more rights than this user has. Choose one above 1023 with --port`
  }
  if (code === 'EADDRNOTAVAIL') return `${address} is no address of this machine. Choose another with --host`
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return `${message}. Give this user the right to write there, or choose another folder with --data-dir`
  }
  return message ?? String(error)
}
