/** The command line: exit codes, words on stderr, keys, and what `serve` does at its first start. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { get } from '../support/batches.js'
import { CollectorProcess } from '../support/collector.js'

const folder = mkdtempSync(join(tmpdir(), 'telltale-cli-'))
const running: CollectorProcess[] = []

afterAll(() => rmSync(folder, { recursive: true, force: true }))
afterEach(async () => {
  await Promise.all(running.splice(0).map((collector) => collector.dispose()))
})

interface Outcome {
  code: number | null
  stdout: string
  stderr: string
}

function telltale(...args: string[]): Promise<Outcome> {
  const child = spawn(process.execPath, [resolve('packages/collector/bin/telltale.mjs'), ...args])
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  return new Promise((ended) => child.on('close', (code) => ended({ code, stdout, stderr })))
}

describe.concurrent('wrong usage ends with 2 and says what to do', () => {
  it.each<[string[], string]>([
    [[], 'Usage: telltale'],
    [['keys'], 'Usage: telltale keys'],
    [['serv'], "unknown command 'serv'"],
    [['serve', '--colour'], "unknown option '--colour'"],
    [['serve', '--port', 'http'], 'port: must be a whole number'],
    [['serve', '--config', '/nowhere/telltale.json'], '/nowhere/telltale.json'],
    [['keys', 'create'], "required option '--scope <scope>'"],
    [['keys', 'create', '--scope', 'write'], 'Allowed choices are ingest, read, admin'],
    [['keys', 'create', '--scope', 'read', '--project', 'a b', '--data-dir', folder], '"a b" cannot name a project'],
    [['keys', 'revoke'], "missing required argument 'id'"],
    [['demo', '--rate', '-1'], 'above 0'],
  ])('telltale %j', async (args, message) => {
    const { code, stdout, stderr } = await telltale(...args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
    expect(stderr).not.toMatch(/^\s+at /m)
  })
})

describe('failures end with 1', () => {
  it('a folder without data', async () => {
    const { code, stderr } = await telltale('keys', 'list', '--data-dir', join(folder, 'nothing'))
    expect([code, stderr]).toEqual([1, expect.stringContaining('telltale serve')])
  })

  it('a key that is not there', async () => {
    await telltale('keys', 'create', '--scope', 'read', '--data-dir', folder)
    const { code, stderr } = await telltale('keys', 'revoke', 'key_x', '--data-dir', folder)
    expect([code, stderr]).toEqual([1, expect.stringContaining('telltale keys list')])
  })

  it('a port that is taken, and a folder that is in use', async () => {
    const collector = await CollectorProcess.start()
    running.push(collector)
    const taken = await telltale('serve', '--port', String(collector.port), '--data-dir', join(folder, 'second'))
    expect([taken.code, taken.stderr]).toEqual([1, expect.stringContaining('--port')])
    const shared = await telltale('serve', '--port', '0', '--data-dir', collector.dataDir)
    expect(shared.code).toBe(1)
    expect(shared.stderr).toMatch(/in use|another/i)
    expect(shared.stdout).not.toMatch(/^listening on/m)
  })
})

it('helps with examples', async () => {
  for (const args of [['--help'], ['serve', '--help'], ['help', 'demo'], ['keys', 'create', '--help']]) {
    const { code, stdout } = await telltale(...args)
    expect([code, stdout]).toEqual([0, expect.stringContaining('Example')])
  }
  expect((await telltale('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
})

it('creates, lists and revokes keys, as JSON for programs', async () => {
  const dataDir = ['--data-dir', join(folder, 'keys')]
  const made = await telltale('keys', 'create', '--project', 'shop', '--scope', 'ingest', '--json', ...dataDir)
  const key = JSON.parse(made.stdout)
  expect(key).toEqual({
    id: expect.stringMatching(/^key_/),
    key: expect.stringMatching(/^tt_ingest_[0-9A-Za-z]{43}$/),
    project: 'shop',
    scope: 'ingest',
  })
  const list = async () => JSON.parse((await telltale('keys', 'list', '--json', ...dataDir)).stdout)
  expect(await list()).toMatchObject([{ id: key.id, project: 'shop', scope: 'ingest', revoked_at: null }])
  expect((await telltale('keys', 'list', ...dataDir)).stdout).toContain(key.id)
  expect((await telltale('keys', 'revoke', key.id, ...dataDir)).code).toBe(0)
  expect(await list()).toMatchObject([{ id: key.id, revoked_at: expect.any(String) }])
})

it('leaves the first admin key in a file that only its owner reads', async () => {
  const collector = await CollectorProcess.start()
  running.push(collector)
  const path = join(collector.dataDir, 'admin-key')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  const target = { url: collector.url, key: readFileSync(path, 'utf8').trim() }
  expect((await get(target, '/api/v1/metrics')).status).toBe(200)
  await collector.end('SIGTERM')
  await collector.start()
  const keys = JSON.parse(await collector.telltale('keys', 'list', '--json')) as { scope: string }[]
  expect(keys.filter(({ scope }) => scope === 'admin')).toHaveLength(1)
})

it('gives pages on this machine a session where it was told to', async () => {
  const collector = await CollectorProcess.start(['--local-viewer'])
  running.push(collector)
  const session = (await (await fetch(`${collector.url}/app/session`)).json()) as { token: string; project: string }
  expect(session.project).toBe('default')
  const target = { url: collector.url, key: session.token }
  expect((await get(target, '/api/v1/metrics')).status).toBe(200)
  const write = await fetch(`${collector.url}/api/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${session.token}`, 'content-type': 'application/json' },
    body: '{"events":[{"name":"x"}]}',
  })
  await write.body?.cancel()
  expect(write.status).toBe(403)
})
