/** A real PostgreSQL on a free port, with an empty database, in a temporary folder. */
import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { freePort, type ServerProcess, startProcess, temporaryFolder } from './child.js'

export interface PostgresServer extends ServerProcess {
  connection: { host: string; port: number; user: string; database: string }
}

const versions = '/usr/lib/postgresql'

export async function startPostgres(): Promise<PostgresServer> {
  const bin = findBin()
  const folder = temporaryFolder()
  const port = await freePort()
  const user = unprivilegedUser()
  if (user !== undefined) chownSync(folder, user.uid, user.gid)
  const options = { ...user, cwd: folder }
  const data = join(folder, 'data')
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync', '-E', 'UTF8'], {
    ...options,
    stdio: 'pipe',
  })
  const settings = { listen_addresses: '127.0.0.1', unix_socket_directories: folder, fsync: 'off', jit: 'off' }
  const args = [
    '-D',
    data,
    '-p',
    String(port),
    ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
  ]
  const connection = { host: '127.0.0.1', port, user: 'postgres', database: 'postgres' }
  const server = await startProcess(join(bin, 'postgres'), args, folder, () => answers(connection), options)
  return { ...server, connection }
}

async function answers(connection: PostgresServer['connection']): Promise<void> {
  const client = new pg.Client(connection)
  client.on('error', () => {})
  await client.connect()
  await client.end()
}

function findBin(): string {
  const installed = existsSync(versions)
    ? readdirSync(versions)
        .sort((a, b) => Number(b) - Number(a))
        .map((version) => join(versions, version, 'bin'))
    : []
  const found = [process.env.TELLTALE_POSTGRES_BIN, ...installed].find(
    (folder) => folder !== undefined && existsSync(join(folder, 'initdb')),
  )
  if (found !== undefined) return found
  throw new Error(
    'These tests need PostgreSQL. `npm test` installs it where it may; else: apt-get install postgresql, or set TELLTALE_POSTGRES_BIN to the folder with initdb',
  )
}

/** PostgreSQL refuses to run as root; its package comes with a user of its own. */
function unprivilegedUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const users = readFileSync('/etc/passwd', 'utf8').split('\n')
  const line = ['postgres:', 'nobody:'].map((name) => users.find((user) => user.startsWith(name))).find(Boolean)
  if (line === undefined) throw new Error('PostgreSQL does not run as root, and there is no user postgres or nobody')
  const [, , uid, gid] = line.split(':')
  return { uid: Number(uid), gid: Number(gid) }
}
