/**
 * An in-process job queue: bounded concurrency, retries with backoff, a time limit for each attempt. It shows all there is to
 * measuring tasks: one `withTaskMetrics` around each attempt, one `instrumentQueue` for what waits, comes and goes.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Task, withTaskMetrics } from '@telltale/sdk-node'
import { instrumentQueue, type QueueInstrument } from '@telltale/sdk-node/queue'

export interface Job<Input> {
  /** The same through all attempts. */
  id: string
  input: Input
  orgId: string
}

/** What a handler gets besides its input. */
export interface Attempt {
  /** Aborts when the time limit is reached or the queue stops. Pass it on to whatever waits. */
  signal: AbortSignal
  /** The run as Telltale sees it: name its steps and set its attributes. */
  task: Task
}

export interface JobType<Input> {
  /** Such as `email.send`: what the thing is, then what happens to it. */
  type: string
  run(input: Input, attempt: Attempt): Promise<void> | void
  timeoutMs: number
  maxAttempts: number
}

interface Waiting {
  jobType: JobType<unknown>
  job: Job<unknown>
  attempt: number
  waitsSinceMs: number
}

const firstRetryMs = 400
export class Queue {
  readonly name: string
  readonly #concurrency: number
  readonly #maxWaiting: number
  readonly #waiting: Waiting[] = []
  readonly #stopping = new AbortController()
  readonly #running = new Set<Promise<void>>()
  readonly #metrics: QueueInstrument

  constructor(name: string, { concurrency, maxWaiting = 1000 }: { concurrency: number; maxWaiting?: number }) {
    this.name = name
    this.#concurrency = concurrency
    this.#maxWaiting = maxWaiting
    this.#metrics = instrumentQueue(name, { depth: () => this.#waiting.length }, { intervalMs: 1000 })
  }

  /** False when the queue is full or stopping: a queue without a bound only hides an overload. */
  add<Input>(jobType: JobType<Input>, job: Job<Input>): boolean {
    if (this.#stopping.signal.aborted || this.#waiting.length >= this.#maxWaiting) return false
    this.#metrics.added()
    this.#push({ jobType: jobType as JobType<unknown>, job, attempt: 1, waitsSinceMs: Date.now() })
    return true
  }

  /** Aborts what runs and waits for it to end. */
  async stop(): Promise<void> {
    this.#stopping.abort(new DOMException('The queue is stopping', 'AbortError'))
    this.#waiting.length = 0
    await Promise.allSettled(this.#running)
    this.#metrics()
  }

  #push(waiting: Waiting): void {
    this.#waiting.push(waiting)
    this.#startNext()
  }

  #startNext(): void {
    while (this.#running.size < this.#concurrency) {
      const next = this.#waiting.shift()
      if (next === undefined) return
      const run: Promise<void> = this.#run(next).finally(() => {
        this.#running.delete(run)
        this.#startNext()
      })
      this.#running.add(run)
    }
  }

  async #run({ jobType, job, attempt, waitsSinceMs }: Waiting): Promise<void> {
    const queueWaitMs = Date.now() - waitsSinceMs
    this.#metrics.started(queueWaitMs)
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(jobType.timeoutMs)])
    try {
      // Records start, duration, status, error, CPU and memory; rethrows what the job throws.
      await withTaskMetrics(
        jobType.type,
        async (task) => {
          task.set('job.id', job.id)
          task.set('queue', this.name)
          task.set('org.id', job.orgId)
          await jobType.run(job.input, { signal, task })
        },
        { attempt, queueWaitMs },
      )
      this.#metrics.finished()
    } catch {
      if (this.#stopping.signal.aborted) return
      if (attempt >= jobType.maxAttempts) {
        this.#metrics.finished('failed')
        return
      }
      void this.#retryLater({ jobType, job, attempt: attempt + 1, waitsSinceMs: Date.now() })
    }
  }

  async #retryLater(waiting: Waiting): Promise<void> {
    const backoffMs = firstRetryMs * 2 ** (waiting.attempt - 2) * (0.5 + Math.random())
    try {
      await sleep(backoffMs, undefined, { signal: this.#stopping.signal })
      this.#push(waiting)
    } catch {
      // Stopped meanwhile: the job goes with the queue.
    }
  }
}
