/** `telltale verify`: finds what was damaged on disk, beside a serving collector and without one. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sampleBatch, sendBatch } from '../support/batches.js'
import type { CollectorProcess } from '../support/collector.js'
import { segmentsOf, startSealing } from '../support/sealed.js'
import { telltale } from '../support/telltale.js'

let collector: CollectorProcess
let segment: string

async function verify(): Promise<{ code: number | null; report: Report }> {
  const { code, stdout } = await telltale('verify', '--json', '--data-dir', collector.dataDir)
  return { code, report: JSON.parse(stdout) as Report }
}

interface Report {
  ok: boolean
  segments: number
  journal_entries: number
  failures: { what: string; reason: string }[]
}

beforeAll(async () => {
  collector = await startSealing()
  const target = { url: collector.url, key: await collector.createKey('ingest') }
  await sendBatch(target, sampleBatch([{ metric: 'm', value: 1 }]))
  const [file] = await segmentsOf(collector.dataDir)
  segment = join(collector.dataDir, 'segments', file!)
})
afterAll(() => collector?.dispose())

it('says where there is no data', async () => {
  const { code, stderr } = await telltale('verify', '--data-dir', join(collector.dataDir, 'nothing'))
  expect([code, stderr]).toEqual([1, expect.stringContaining('no Telltale data')])
})

it('finds nothing wrong beside a serving collector', async () => {
  expect(await verify()).toMatchObject({ code: 0, report: { ok: true, failures: [] } })
})

it('names a segment with a flipped bit, one that was cut, and one that is gone', async () => {
  await collector.end('SIGTERM')
  const sound = readFileSync(segment)
  const flipped = Buffer.from(sound)
  flipped[flipped.length >> 1]! ^= 1
  writeFileSync(segment, flipped)
  const one = await verify()
  expect(one.code).toBe(1)
  expect(one.report.failures).toEqual([
    { what: expect.stringMatching(/^segment 1\/samples\//), reason: 'the checksum does not match' },
  ])
  writeFileSync(segment, sound.subarray(0, 100))
  expect((await verify()).report.failures[0]?.reason).toBe(`100 bytes, not ${sound.length}`)
  renameSync(segment, `${segment}.away`)
  const people = await telltale('verify', '--data-dir', collector.dataDir)
  expect([people.code, people.stdout]).toEqual([1, expect.stringContaining('the file is missing')])
  renameSync(`${segment}.away`, segment)
  writeFileSync(segment, sound)
  expect((await verify()).code).toBe(0)
})

it('names a journal entry whose bytes have changed', async () => {
  const db = new Database(join(collector.dataDir, 'journal.db'))
  const sealed = db.prepare<[], { value: number }>(`SELECT value FROM meta WHERE key = 'sealed_seq'`).get()!.value
  db.prepare('INSERT INTO journal VALUES (?, 1, ?, 1, 0, 12345, ?)').run(sealed + 1, Buffer.alloc(16), Buffer.from('x'))
  db.close()
  const { code, report } = await verify()
  expect([code, report.journal_entries]).toEqual([1, 1])
  expect(report.failures).toEqual([{ what: `journal entry ${sealed + 1}`, reason: 'the checksum does not match' }])
})

it('says that a journal is no database any more', async () => {
  writeFileSync(
    join(collector.dataDir, 'journal.db'),
    'no database at all, but long enough to be looked at '.repeat(200),
  )
  const { code, report } = await verify()
  expect([code, report.failures[0]?.what]).toEqual([1, 'journal.db'])
})
