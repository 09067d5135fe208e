/** The same request over and over on kept connections, with so little work on this side that the server is what is measured. */
import { connect } from 'node:net'

/** Resolves with the seconds that it took. Every answer must be as long as the first one. */
export async function rawLoad({ port, path, connections, requests }) {
  const head = Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
  const answerBytes = await bytesOfOne(port, head)
  let left = requests
  const startMs = performance.now()
  await Promise.all(Array.from({ length: connections }, one))
  return (performance.now() - startMs) / 1000

  function one() {
    return new Promise((resolve, reject) => {
      let missing = 0
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      const next = () => {
        if (left === 0) {
          socket.destroy()
          resolve()
          return
        }
        left--
        missing = answerBytes
        socket.write(head)
      }
      socket.on('connect', next)
      socket.on('error', reject)
      socket.on('end', () => reject(new Error('The server closed a connection')))
      socket.on('data', (chunk) => {
        missing -= chunk.length
        if (missing === 0) next()
        else if (missing < 0) reject(new Error('The answers differ in length'))
      })
    })
  }
}

function bytesOfOne(port, head) {
  return new Promise((resolve, reject) => {
    let bytes = 0
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(head))
    socket.on('error', reject)
    socket.on('data', (chunk) => {
      if (bytes === 0 && !chunk.toString().startsWith('HTTP/1.1 200')) reject(new Error(chunk.toString()))
      bytes += chunk.length
      // Head and body come apart: what follows within this time belongs to the answer.
      setTimeout(() => {
        socket.destroy()
        resolve(bytes)
      }, 50)
    })
  })
}
