/** Sends batches as fast as they are acknowledged, over a fixed number of connections, and measures each answer. */
import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { decodeAck } from '@telltale/protocol'
import { type Connection, errorMessage, unreachable } from '../connection.js'
import { CommandFailure } from '../failure.js'
import { createWorkload } from './workload.js'

export interface LoadOptions {
  seconds: number
  rows: number
  series: number
  connections: number
  onProgress(elapsedSeconds: number, samples: number): void
}

export interface LoadReport {
  seconds: number
  batches: number
  samples: number
  bytes: number
  /** Answers of 429 and 503; their batches are not counted, and not sent again. */
  pushedBack: number
  /** Ascending. */
  ackMs: number[]
}

const requestTimeoutMs = 30_000
const pushBackWaitMs = 100

export async function runLoad(connection: Connection, options: LoadOptions, stop: AbortSignal): Promise<LoadReport> {
  const { connections, seconds } = options
  const isTls = connection.url.startsWith('https:')
  const agentOptions = { keepAlive: true, maxSockets: connections }
  const agent = isTls ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions)
  const report: LoadReport = { seconds: 0, batches: 0, samples: 0, bytes: 0, pushedBack: 0, ackMs: [] }
  const startedMs = performance.now()
  const untilMs = startedMs + seconds * 1000
  const elapsed = () => (performance.now() - startedMs) / 1000
  let failure: unknown
  const sender = async () => {
    const workload = createWorkload(options)
    while (failure === undefined && !stop.aborted && performance.now() < untilMs) {
      const payload = workload.next()
      const sentMs = performance.now()
      const { status, body } = await post(connection, payload, agent, isTls ? httpsRequest : httpRequest)
      if (status === 429 || status === 503) {
        report.pushedBack++
        await new Promise((resolve) => setTimeout(resolve, pushBackWaitMs))
        continue
      }
      if (status !== 200) throw new CommandFailure(errorMessage(status, body.toString('utf8')))
      report.ackMs.push(performance.now() - sentMs)
      report.batches++
      report.samples += decodeAck(body).accepted
      report.bytes += payload.length
      options.onProgress(elapsed(), report.samples)
    }
  }
  try {
    const all = Array.from({ length: connections }, () =>
      sender().catch((error: unknown) => {
        failure ??= error
      }),
    )
    await Promise.all(all)
  } finally {
    agent.destroy()
  }
  if (failure !== undefined) throw failure
  report.seconds = elapsed()
  report.ackMs.sort((a, b) => a - b)
  return report
}

type Request = typeof httpRequest | typeof httpsRequest

/** Node's own client: fetch takes ten times as long a request, which would measure the sender. */
function post(
  { url, key }: Connection,
  payload: Uint8Array,
  agent: HttpAgent | HttpsAgent,
  request: Request,
): Promise<{ status: number; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${key}`,
      'content-type': 'application/x-protobuf',
      'content-length': payload.length,
    }
    const sent = request(
      `${url}/v1/ingest`,
      { method: 'POST', headers, agent, timeout: requestTimeoutMs },
      (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('error', reject)
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks) }))
      },
    )
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${requestTimeoutMs / 1000} s`)))
    sent.on('error', (error) => reject(unreachable(url, error)))
    sent.end(payload)
  })
}
