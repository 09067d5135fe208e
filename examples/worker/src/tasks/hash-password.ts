/** `password.hash`: PBKDF2 on libuv's threads: CPU time that the main thread does not see. */
import { pbkdf2, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import type { JobType } from '../queue.js'

const derive = promisify(pbkdf2)

export class WeakPasswordError extends Error {
  override readonly name = 'WeakPasswordError'
}

export interface PasswordInput {
  password: string
  iterations: number
}

export const hashPassword: JobType<PasswordInput> = {
  type: 'password.hash',
  timeoutMs: 1500,
  maxAttempts: 1,
  async run({ password, iterations }, { signal, task }) {
    if (password.length < 8)
      throw new WeakPasswordError(`A password takes 8 characters or more; got ${password.length}`)
    task.set('kdf.iterations', iterations)
    await derive(password, randomBytes(16), iterations, 32, 'sha256')
    signal.throwIfAborted()
    task.step('derived')
  },
}
