/** Sends batches to a collector, a few at a time, and waits out what passes. */
import { decodeAck } from '@telltale/protocol'
import type { ErrorBody } from '@telltale/protocol/api'
import { type Connection, errorMessage, unreachable } from '../connection.js'
import { CommandFailure } from '../failure.js'
import type { ImportBatch } from './batches.js'
import type { BadLine } from './rows.js'

export interface SendReport {
  accepted: number
  /** Rows of batches that an earlier run had sent. */
  alreadyThere: number
  rejected: number
  /** As far as the collector names them. */
  rejectedLines: BadLine[]
}

const concurrency = 4
const maxAttempts = 8
const maxWaitMs = 30_000

export async function sendAll(
  connection: Connection,
  batches: AsyncIterable<ImportBatch>,
  onSent: (rows: number) => void,
): Promise<SendReport> {
  const report: SendReport = { accepted: 0, alreadyThere: 0, rejected: 0, rejectedLines: [] }
  const underWay = new Set<Promise<void>>()
  let failure: unknown
  for await (const batch of batches) {
    const sending = sendOne(connection, batch, report)
      .then(() => onSent(batch.lines.length))
      .catch((error: unknown) => {
        failure ??= error
      })
      .finally(() => underWay.delete(sending))
    underWay.add(sending)
    if (underWay.size >= concurrency) await Promise.race(underWay)
    if (failure !== undefined) break
  }
  await Promise.all(underWay)
  if (failure !== undefined) throw failure
  report.rejectedLines.sort((a, b) => a.line - b.line)
  return report
}

async function sendOne(connection: Connection, { payload, lines }: ImportBatch, report: SendReport): Promise<void> {
  const { status, body } = await deliver(connection, payload)
  if (status === 200) {
    const ack = decodeAck(body)
    if (ack.duplicate) report.alreadyThere += lines.length
    else report.accepted += ack.accepted
    if (!ack.duplicate) for (const { reason, count, row } of ack.rejected) reject(report, lines, reason, count, row)
    return
  }
  const text = Buffer.from(body).toString('utf8')
  const refusals = refusalsOf(status, text)
  if (refusals === undefined) throw new CommandFailure(errorMessage(status, text))
  for (const { reason, count, rows } of refusals) reject(report, lines, reason, count, rows)
}

function reject(report: SendReport, lines: number[], reason: string, count: number, rows: ArrayLike<number>): void {
  report.rejected += count
  for (let i = 0; i < rows.length; i++) report.rejectedLines.push({ line: lines[rows[i]!] ?? 0, reason })
}

interface Refusal {
  reason: string
  count: number
  rows: number[]
}

/** Of a batch of which no row could be stored; undefined where the answer says something else. */
function refusalsOf(status: number, text: string): Refusal[] | undefined {
  if (status !== 400) return undefined
  try {
    const { error } = JSON.parse(text) as ErrorBody
    if (error.code !== 'all_rows_rejected') return undefined
    return (error.details as { rejected: Refusal[] }).rejected
  } catch {
    return undefined
  }
}

/** Tries again while the collector is away or busy: the batch keeps its name, so that it is stored once. */
async function deliver({ url, key }: Connection, payload: Uint8Array): Promise<{ status: number; body: Uint8Array }> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/x-protobuf' }
  for (let attempt = 1; ; attempt++) {
    let waitMs = Math.min(maxWaitMs, 250 * 2 ** attempt)
    try {
      const response = await fetch(`${url}/v1/ingest`, { method: 'POST', headers, body: Buffer.from(payload) })
      const { status } = response
      const body = new Uint8Array(await response.arrayBuffer())
      if ((status !== 429 && status !== 503) || attempt === maxAttempts) return { status, body }
      const seconds = Number(response.headers.get('retry-after'))
      if (seconds > 0) waitMs = Math.min(maxWaitMs, seconds * 1000)
    } catch (error) {
      if (attempt === maxAttempts) throw unreachable(url, error)
    }
    await new Promise((resolve) => setTimeout(resolve, waitMs))
  }
}
