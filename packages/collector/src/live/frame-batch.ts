/**
 * Updates for one socket, gathered into one piece of whole WebSocket frames (RFC 6455, 5.2: final, text, not masked).
 *
 *   ├ 0x81 │ length: 1, 3 or 9 bytes │ head │ body ┤├ 0x81 │ …
 */

const finalText = 0x81

interface Update {
  head: string
  headBytes: number
  body: Buffer
}

export class FrameBatch {
  /** Of all that was added since the last `take`. */
  bytes = 0
  #updates: Update[] = []

  /** Gives the payload's length. The body is shared by many sockets: it is copied once, when the piece is made. */
  add(head: string, body: Buffer): number {
    const headBytes = Buffer.byteLength(head)
    const payload = headBytes + body.length
    this.#updates.push({ head, headBytes, body })
    this.bytes += 1 + lengthBytes(payload) + payload
    return payload
  }

  take(): Buffer {
    const piece = Buffer.allocUnsafe(this.bytes)
    let at = 0
    for (const { head, headBytes, body } of this.#updates) {
      at = writeHeader(piece, at, headBytes + body.length)
      piece.write(head, at)
      body.copy(piece, at + headBytes)
      at += headBytes + body.length
    }
    this.#updates = []
    this.bytes = 0
    return piece
  }
}

function lengthBytes(payload: number): number {
  if (payload < 126) return 1
  return payload < 65_536 ? 3 : 9
}

function writeHeader(piece: Buffer, at: number, payload: number): number {
  piece[at] = finalText
  if (payload < 126) {
    piece[at + 1] = payload
    return at + 2
  }
  if (payload < 65_536) {
    piece[at + 1] = 126
    piece.writeUInt16BE(payload, at + 2)
    return at + 4
  }
  piece[at + 1] = 127
  piece.writeUInt32BE(0, at + 2)
  piece.writeUInt32BE(payload, at + 6)
  return at + 10
}
