/** `telltale backup` and `telltale restore`: what comes back is what was there, and half a backup never looks like one. */
import { execFile } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postJson, sampleBatch, sendBatch } from '../support/batches.js'
import type { CollectorProcess } from '../support/collector.js'
import { segmentsOf, startSealing } from '../support/sealed.js'
import { telltale } from '../support/telltale.js'

const folder = mkdtempSync(join(tmpdir(), 'telltale-backup-'))
const at = (name: string) => join(folder, name)
let collector: CollectorProcess
let segment: string
let sent = 0

async function send(): Promise<void> {
  const target = { url: collector.url, key: readFileSync(join(collector.dataDir, 'admin-key'), 'utf8').trim() }
  const key = await collector.createKey('ingest')
  const { status } = await sendBatch({ ...target, key }, sampleBatch([{ metric: 'm', kind: 1, value: 1 }]))
  expect(status).toBe(200)
  sent++
}

async function sumIn(dataDir: string): Promise<number> {
  const { stdout, stderr } = await telltale('query', 'sum(m)', '--json', '--data-dir', dataDir)
  expect(stderr).toBe('')
  return JSON.parse(stdout).data[0].value as number
}

function annotationsIn(dataDir: string): unknown[] {
  const db = new Database(join(dataDir, 'catalog.db'), { readonly: true })
  const titles = db.prepare("SELECT json_extract(content, '$.title') FROM annotations").pluck().all()
  db.close()
  return titles
}

const backup = (name: string, ...flags: string[]) =>
  telltale('backup', at(name), '--data-dir', collector.dataDir, ...flags)
const restore = (name: string, to: string) => telltale('restore', at(name), '--data-dir', at(to))
/** Nothing half-made stays behind. */
const leftovers = () => readdirSync(folder).filter((name) => /partial|telltale-backup-/.test(name))

beforeAll(async () => {
  collector = await startSealing()
  await send()
  const [file] = await segmentsOf(collector.dataDir)
  segment = join(collector.dataDir, 'segments', file!)
  await send()
})
afterAll(async () => {
  await collector?.dispose()
  rmSync(folder, { recursive: true, force: true })
})

describe('backup refuses', () => {
  it('a place that holds something, one inside the data, and one that cannot be', async () => {
    mkdirSync(at('full'))
    writeFileSync(join(at('full'), 'mine'), '')
    writeFileSync(at('mine.tar'), 'mine')
    for (const name of ['full', 'mine.tar']) {
      const { code, stderr } = await backup(name)
      expect([code, stderr]).toEqual([1, expect.stringContaining('is there already')])
    }
    const inside = await telltale('backup', join(collector.dataDir, 'backup'), '--data-dir', collector.dataDir)
    expect([inside.code, inside.stderr]).toEqual([2, expect.stringContaining('inside the data folder')])
    const nowhere = await backup('mine.tar/backup')
    expect([nowhere.code, nowhere.stderr]).toEqual([1, expect.stringContaining('ENOTDIR')])
    const empty = await telltale('backup', at('x'), '--data-dir', at('nothing'))
    expect([empty.code, empty.stderr]).toEqual([1, expect.stringContaining('no Telltale data')])
    expect(readFileSync(at('mine.tar'), 'utf8')).toBe('mine')
    expect(leftovers()).toEqual([])
  })

  it('to write more than the place takes', async () => {
    for (const name of ['limited', 'limited.tar']) {
      const command = `ulimit -f 16; "${process.execPath}" packages/collector/bin/telltale.mjs backup "$0" --data-dir "$1"`
      const failed = promisify(execFile)('bash', ['-c', command, at(name), collector.dataDir])
      await expect(failed).rejects.toMatchObject({
        code: 1,
        stderr: expect.stringContaining('Could not write the backup'),
      })
    }
    expect(leftovers()).toEqual([])
    expect(existsSync(at('limited'))).toBe(false)
  })
})

it.each(['day', 'day.tar'])('%s: beside a serving collector, and back', async (name) => {
  const key = readFileSync(join(collector.dataDir, 'admin-key'), 'utf8').trim()
  await postJson({ url: collector.url, key }, '/api/v1/annotations', { title: 'Before the backup' })
  const made = await backup(name, '--json')
  expect([made.code, made.stderr]).toEqual([0, ''])
  expect(JSON.parse(made.stdout)).toMatchObject({ path: at(name), skipped: [] })
  expect(JSON.parse(made.stdout).segments).toBeGreaterThan(0)
  const taken = sent
  await send()
  const { code, stdout } = await restore(name, `from-${name}`)
  expect([code, stdout]).toEqual([0, expect.stringContaining('telltale serve')])
  expect((await telltale('verify', '--data-dir', at(`from-${name}`))).code).toBe(0)
  expect(await sumIn(at(`from-${name}`))).toBe(taken)
  // Keys and annotations came along.
  expect(annotationsIn(at(`from-${name}`))).toContain('Before the backup')
  const keys = async (dataDir: string) =>
    JSON.parse((await telltale('keys', 'list', '--json', '--data-dir', dataDir)).stdout)
  expect((await keys(at(`from-${name}`))).length).toBeGreaterThan(0)
})

describe('restore refuses, and leaves nothing behind,', () => {
  const refused = async (name: string, message: RegExp) => {
    const { code, stderr } = await restore(name, 'target')
    expect([code, stderr]).toEqual([1, expect.stringMatching(message)])
    expect(existsSync(at('target'))).toBe(false)
    expect(leftovers()).toEqual([])
  }

  it('what is not there, what is no backup, and a folder with data', async () => {
    await refused('nowhere', /no backup at/)
    mkdirSync(at('empty'))
    await refused('empty', /backup\.json cannot be read/)
    writeFileSync(at('noise.tar'), 'noise '.repeat(1000))
    await refused('noise.tar', /not a whole backup/)
    const { code, stderr } = await restore('day', 'from-day')
    expect([code, stderr]).toEqual([1, expect.stringContaining('not empty')])
  })

  it('a folder with a changed, a cut or a missing file', async () => {
    const file = join(at('day'), 'journal.db')
    const bytes = readFileSync(file)
    const flipped = Buffer.from(bytes)
    flipped[flipped.length >> 1]! ^= 4
    writeFileSync(file, flipped)
    await refused('day', /the checksum of journal\.db does not match/)
    writeFileSync(file, bytes.subarray(1))
    await refused('day', /journal\.db has \d+ bytes/)
    renameSync(file, `${file}.away`)
    await refused('day', /journal\.db is missing/)
    renameSync(`${file}.away`, file)
    writeFileSync(file, bytes)
  })

  it('a list that points out of the folder', async () => {
    const file = join(at('day'), 'backup.json')
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replace('"journal.db"', '"../../journal.db"'))
    await refused('day', /no name of a file/)
    writeFileSync(file, text)
  })

  it('a tar file that was cut anywhere, or changed', async () => {
    const bytes = readFileSync(at('day.tar'))
    for (const share of [0.1, 0.5, 0.9]) {
      writeFileSync(at('cut.tar'), bytes)
      truncateSync(at('cut.tar'), Math.floor((bytes.length * share) / 512) * 512 + 100)
      await refused('cut.tar', /not a whole backup/)
    }
    // Inside the first segment: its header takes 512 bytes.
    const flipped = Buffer.from(bytes)
    flipped[700]! ^= 1
    writeFileSync(at('flipped.tar'), flipped)
    await refused('flipped.tar', /the checksum of segments/)
  })
})

it('offline: names a damaged segment, and leaves it out where it is told to', async () => {
  await collector.end('SIGTERM')
  const [damagedFile] = await segmentsOf(collector.dataDir)
  segment = join(collector.dataDir, 'segments', damagedFile!)
  const sound = readFileSync(segment)
  const flipped = Buffer.from(sound)
  flipped[flipped.length >> 1]! ^= 1
  writeFileSync(segment, flipped)
  const failed = await backup('damaged')
  expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining('--skip-damaged')])
  expect(existsSync(at('damaged'))).toBe(false)
  const made = await backup('damaged', '--skip-damaged', '--json')
  expect([made.code, JSON.parse(made.stdout).skipped]).toEqual([0, [{ file: damagedFile, reason: expect.any(String) }]])
  expect((await restore('damaged', 'rest')).code).toBe(0)
  const { code, stdout } = await telltale('verify', '--data-dir', at('rest'))
  expect([code, stdout]).toEqual([1, expect.stringContaining('left out of a backup')])
  writeFileSync(segment, sound)
  expect((await backup('whole')).code).toBe(0)
  expect(leftovers()).toEqual([])
})
