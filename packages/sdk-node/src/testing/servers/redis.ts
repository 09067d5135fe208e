/** A real Redis on a free port, empty, that keeps nothing. */
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { delimiter, join } from 'node:path'
import { freePort, type ServerProcess, startProcess, temporaryFolder } from './child.js'

export interface RedisServer extends ServerProcess {
  port: number
}

export async function startRedis(): Promise<RedisServer> {
  const port = await freePort()
  const folder = temporaryFolder()
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder]
  const server = await startProcess(findRedis(), args, folder, () => ping(port))
  return { ...server, port }
}

function findRedis(): string {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const candidates = [process.env.TELLTALE_REDIS_SERVER, ...folders.map((folder) => join(folder, 'redis-server'))]
  const found = candidates.find((path) => path !== undefined && existsSync(path))
  if (found !== undefined) return found
  throw new Error(
    'These tests need redis-server. `npm test` installs it where it may; else: apt-get install redis-server, or set TELLTALE_REDIS_SERVER to one',
  )
}

function ping(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    socket.once('error', reject)
    socket.once('data', (answer) => {
      socket.destroy()
      if (String(answer) === '+PONG\r\n') resolve()
      else reject(new Error(String(answer)))
    })
  })
}
