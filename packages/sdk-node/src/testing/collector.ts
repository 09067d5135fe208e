/** A collector for tests, over real HTTP: it keeps what it acknowledges, and misbehaves on demand. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { type DecodedBatch, decodeBatch, encodeAck } from '@telltale/protocol'

export interface Received {
  batch: DecodedBatch
  request: IncomingMessage
}

export type Answer = (batch: DecodedBatch, response: ServerResponse, request: IncomingMessage) => void

export class TestCollector {
  readonly received: Received[] = []
  readonly stored = new Map<string, DecodedBatch>()
  connections = 0
  answer: Answer = (batch, response) => this.store(batch, response)
  #server: Server | undefined
  #port = 0

  async start(): Promise<void> {
    const server = createServer((request, response) => this.#handle(request, response))
    server.on('connection', () => {
      this.connections++
    })
    server.listen(this.#port, '127.0.0.1')
    await once(server, 'listening')
    this.#server = server
    this.#port = (server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    const server = this.#server
    if (server === undefined) return
    this.#server = undefined
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  store(batch: DecodedBatch, response: ServerResponse): void {
    const id = Buffer.from(batch.batchId).toString('hex')
    const duplicate = this.stored.has(id)
    this.stored.set(id, batch)
    response.end(encodeAck({ batchId: batch.batchId, accepted: 0, rejected: [], receivedTimeMs: 0, duplicate }))
  }

  /** Names of the events that were stored, in order. */
  events(): string[] {
    return Array.from(this.stored.values()).flatMap((batch) =>
      Array.from(batch.events?.name ?? [], (ref) => batch.strings[ref]),
    )
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('error', () => {})
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      const batch = decodeBatch(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body)
      this.received.push({ batch, request })
      this.answer(batch, response, request)
    })
  }
}
