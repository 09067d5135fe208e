/**
 * A WebSocket client that reads no more than it must: a thousand of them have to fit beside the collector on the other core.
 * It knows frames by their length and their first bytes, and parses none.
 */
import { randomBytes } from 'node:crypto'

const opcodeText = 1
const opcodePing = 9

export class RawClient {
  frames = 0
  behindMs = []
  isClosed = false
  subscribed
  #socket
  #isUpgraded = false
  #isCounting = false
  #snapshots = 0
  #rest = Buffer.alloc(0)
  #tickMs = 0
  #seq = 0
  #token
  #queries
  #resolve

  constructor(socket, token, queries) {
    this.#socket = socket
    this.#token = token
    this.#queries = queries
    this.subscribed = new Promise((resolve) => {
      this.#resolve = resolve
    })
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.#receive(chunk))
    socket.on('error', () => {})
    socket.on('close', () => {
      this.isClosed = true
      this.#resolve()
    })
    const key = randomBytes(16).toString('base64')
    socket.write(
      `GET /ws/analytics HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    )
  }

  /** Reads nothing any more, as a page that hangs. */
  stall() {
    this.#socket.pause()
  }

  startCounting() {
    this.#isCounting = true
    this.frames = 0
  }

  destroy() {
    this.#socket.destroy()
  }

  #receive(chunk) {
    const nowMs = Date.now()
    this.#rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    if (!this.#isUpgraded) {
      const end = this.#rest.indexOf('\r\n\r\n')
      if (end < 0) return
      this.#isUpgraded = true
      this.#rest = this.#rest.subarray(end + 4)
      this.#send(JSON.stringify({ type: 'auth', token: this.#token, encoding: 'columns' }))
      this.#queries.forEach((query, i) => {
        this.#send(JSON.stringify({ type: 'subscribe', id: `w${i}`, query, interval: '1s' }))
      })
    }
    for (;;) {
      const buffer = this.#rest
      if (buffer.length < 4) return
      let length = buffer[1] & 127
      let at = 2
      if (length === 126) {
        length = buffer.readUInt16BE(2)
        at = 4
      } else if (length === 127) {
        if (buffer.length < 10) return
        length = Number(buffer.readBigUInt64BE(2))
        at = 10
      }
      if (buffer.length < at + length) return
      this.#frame(buffer[0] & 15, buffer.subarray(at, at + length), nowMs)
      this.#rest = buffer.subarray(at + length)
    }
  }

  #frame(opcode, payload, nowMs) {
    if (opcode === opcodePing) this.#send('', 10)
    if (opcode !== opcodeText) return
    // {"type":"metrics_update","id":"w1","seq":7,"mode":"…
    if (payload[9] !== 0x6d) return
    if (this.#snapshots < this.#queries.length && ++this.#snapshots === this.#queries.length) this.#resolve()
    if (!this.#isCounting) return
    this.frames++
    // The last frame of a tick tells how far behind the data this client is.
    if (payload.indexOf('"id":"w0"') > 0) {
      const { seq, times } = JSON.parse(payload)
      this.#tickMs = this.#tickOf(seq, Math.min(...times), Math.max(...times))
      this.#seq = seq
      this.behindMs.push(nowMs - this.#tickMs)
    } else if (this.#tickMs > 0) {
      const last = this.behindMs.length - 1
      this.behindMs[last] = Math.max(this.behindMs[last], nowMs - this.#tickMs)
    }
  }

  /**
   * Which tick a frame is of, the data say: the newest bucket that was changed is the one that ended then, or, where one before
   * it is named too, the one that began then. A sample that was stored late also names one before: then the tick that
   * follows the last one is meant.
   */
  #tickOf(seq, oldest, newest) {
    const next = this.#tickMs + 1000
    if (seq === this.#seq + 1 && (next === newest || next === newest + 1000)) return next
    return oldest < newest ? newest : newest + 1000
  }

  /** Clients mask what they send; with a mask of zeros the text stays as it is. */
  #send(text, opcode = opcodeText) {
    const payload = Buffer.from(text)
    const head = payload.length < 126 ? Buffer.alloc(6) : Buffer.alloc(8)
    head[0] = 128 | opcode
    if (payload.length < 126) head[1] = 128 | payload.length
    else {
      head[1] = 128 | 126
      head.writeUInt16BE(payload.length, 2)
    }
    this.#socket.write(Buffer.concat([head, payload]))
  }
}
