/** What a real WebSocket reads of a piece that was put together by hand. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { FrameBatch } from './frame-batch.js'

it('frames of every length arrive whole and in order, between those of the socket itself', async () => {
  const sizes = [0, 60, 125, 126, 65_535, 65_536, 200_000]
  const server = createServer()
  const sockets = new WebSocketServer({ server, perMessageDeflate: false })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const upgraded = once(server, 'upgrade')
  const accepted = once(sockets, 'connection')
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const [, wire] = await upgraded
  const [socket] = (await accepted) as [WebSocket]
  const read: string[] = []
  client.on('message', (data) => read.push(String(data)))

  const batch = new FrameBatch()
  socket.send('before')
  const added = sizes.map((size) => batch.add('küche:', Buffer.alloc(size, 'x')))
  expect(added).toEqual(sizes.map((size) => 'küche:'.length + 1 + size))
  const { bytes } = batch
  const piece = batch.take()
  expect([piece.length, batch.bytes]).toEqual([bytes, 0])
  wire.write(piece)
  socket.send('after')
  socket.close()
  await once(client, 'close')
  expect(read.map((text) => text.length)).toEqual([6, ...sizes.map((size) => 6 + size), 5])
  expect(read.slice(1, -1).every((text) => /^küche:x*$/.test(text))).toBe(true)
  server.close()
})
