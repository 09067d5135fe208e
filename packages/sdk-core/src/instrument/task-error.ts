/** What a thrown value tells about a failed run. It may be anything, with getters that throw, so all reads are guarded. */
import { TaskStatus, type TaskStatusCode } from '@telltale/protocol'
import { truncate } from '../text.js'

const maxTypeBytes = 64
const maxMessageBytes = 1024

export interface Failure {
  status: TaskStatusCode
  type: string
  message: string
}

export function failureOf(thrown: unknown): Failure {
  try {
    if (typeof thrown !== 'object' || thrown === null) {
      const message = typeof thrown === 'symbol' ? thrown.toString() : `${thrown}`
      return { status: TaskStatus.error, type: typeof thrown, message: truncate(message, maxMessageBytes) }
    }
    const { name, message } = thrown as { name?: unknown; message?: unknown }
    return {
      status: statusOf(name),
      type: truncate(typeOf(thrown, name), maxTypeBytes),
      message: typeof message === 'string' ? truncate(message, maxMessageBytes) : '',
    }
  } catch {
    return { status: TaskStatus.error, type: 'unreadable', message: '' }
  }
}

/** The names that the platforms give: an aborted signal, and one that timed out. */
function statusOf(name: unknown): TaskStatusCode {
  if (name === 'AbortError') return TaskStatus.cancelled
  return name === 'TimeoutError' ? TaskStatus.timeout : TaskStatus.error
}

/** What the reason of an aborted signal makes of the run: `AbortSignal.timeout()` gives a TimeoutError. */
export function abortStatus(reason: unknown): TaskStatusCode {
  return failureOf(reason).status === TaskStatus.timeout ? TaskStatus.timeout : TaskStatus.cancelled
}

/** The most telling of name, code and class: a plain `Error` with the code ECONNREFUSED is told by its code. */
function typeOf(thrown: object, name: unknown): string {
  if (typeof name === 'string' && name !== '' && name !== 'Error') return name
  const { code } = thrown as { code?: unknown }
  if (typeof code === 'string' && code !== '') return code
  const className = thrown.constructor?.name
  return typeof className === 'string' && className !== '' ? className : 'Error'
}
