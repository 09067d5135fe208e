/** Answers that one connection still owes, and since when: one at a time, unless the client sends ahead. */
import type { ServerResponse } from 'node:http'

export class OpenAnswers {
  #response: ServerResponse | undefined = undefined
  #startMs = 0.5
  /** Those of requests that were sent before the answer to an earlier one. */
  #ahead: Map<ServerResponse, number> | undefined = undefined

  begin(response: ServerResponse, nowMs: number): void {
    if (this.#response === undefined) {
      this.#response = response
      this.#startMs = nowMs
    } else {
      this.#ahead ??= new Map()
      this.#ahead.set(response, nowMs)
    }
  }

  /** When the request came, or undefined for one that is not measured. */
  end(response: ServerResponse): number | undefined {
    if (this.#response === response) {
      this.#response = undefined
      return this.#startMs
    }
    const startMs = this.#ahead?.get(response)
    this.#ahead?.delete(response)
    return startMs
  }

  /** The answers that will never be complete. */
  abandon(): ServerResponse[] {
    return [...(this.#response === undefined ? [] : [this.#response]), ...(this.#ahead?.keys() ?? [])]
  }
}
