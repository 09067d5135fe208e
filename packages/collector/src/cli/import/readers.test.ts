import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeBatch, Kind } from '@telltale/protocol'
import { afterAll, describe, expect, it } from 'vitest'
import { batchesOf, streamIdOf } from './batches.js'
import { readCsv, type TableOptions } from './csv.js'
import { readOpenMetrics } from './openmetrics.js'
import { type Chunk, parseTime, type Reader } from './rows.js'

const folder = mkdtempSync(join(tmpdir(), 'telltale-import-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(text: string): string {
  const path = join(folder, 'file')
  writeFileSync(path, text)
  return path
}

async function all(reader: Reader): Promise<Chunk> {
  const found: Chunk = { rows: [], bad: [] }
  for await (const { rows, bad } of reader) {
    found.rows.push(...rows)
    found.bad.push(...bad)
  }
  return found
}

describe('times', () => {
  it.each<[string, number]>([
    ['', Number.NaN],
    ['yesterday', Number.NaN],
    ['05/01/2026', Number.NaN],
    ['1767571200', 1767571200_000],
    ['1767571200.5', 1767571200_500],
    ['1767571200000', 1767571200_000],
    ['2026-01-05', 1767571200_000],
    ['2026-01-05T00:00:00', 1767571200_000],
    ['2026-01-05 00:00:00.250', 1767571200_250],
    ['2026-01-05T01:00:00+01:00', 1767571200_000],
  ])('%s', (text, expected) => {
    expect(parseTime(text)).toBe(expected)
  })
})

describe('CSV', () => {
  const csv = (text: string, options: TableOptions = { metric: 'm', kind: Kind.gauge }) =>
    all(readCsv(file(text), options))

  it.each<[string, string, TableOptions]>([
    ['', 'is empty', { metric: 'm', kind: Kind.gauge }],
    ['time,value\n', 'no column "timestamp"', { metric: 'm', kind: Kind.gauge }],
    ['timestamp,value\n', '--metric', { kind: Kind.gauge }],
    ['metric,timestamp,value\n', 'contradict', { metric: 'm', kind: Kind.gauge }],
    ['timestamp,value,a,a\n', 'two columns', { metric: 'm', kind: Kind.gauge }],
    ['timestamp,value,\n', 'has no name', { metric: 'm', kind: Kind.gauge }],
    ['timestamp,value,a\n1,2,"never', 'never closed', { metric: 'm', kind: Kind.gauge }],
  ])('refuses %j', async (text, message, options) => {
    await expect(csv(text, options)).rejects.toThrowError(message)
  })

  it('names bad lines and keeps the rest', async () => {
    const { rows, bad } = await csv('timestamp,value,host\n1,2,a\nx,2,a\n1,,a\n1,Infinity,a\n1,2\n1,2,"a"b\n2,-3.5,')
    expect(rows.map(({ line, value, tags }) => [line, value, tags])).toEqual([
      [2, 2, ['host', 'a']],
      [8, -3.5, []],
    ])
    expect(bad.map(({ line }) => line)).toEqual([3, 4, 5, 6, 7])
  })

  it('reads quotes, lines inside them, carriage returns and a byte order mark', async () => {
    const { rows, bad } = await csv('\uFEFFtimestamp,"value","a,b"\r\n1,1,"x ""y""\r\nz"\r\n\r\n2,2,plain\r\n')
    expect(bad).toEqual([])
    expect(rows.map(({ line, tags }) => [line, tags])).toEqual([
      [2, ['a,b', 'x "y"\nz']],
      [5, ['a,b', 'plain']],
    ])
  })
})

describe('OpenMetrics', () => {
  const metrics = (text: string) => all(readOpenMetrics(file(text)))

  it('refuses text that was cut short', async () => {
    await expect(metrics('a 1 1\n')).rejects.toThrowError('# EOF')
  })

  it('turns counters into deltas, over restarts', async () => {
    const { rows, bad } = await metrics(
      [
        '# TYPE jobs counter',
        'jobs_total{q="a"} 5 10',
        'jobs_total{q="b"} 1 10',
        'jobs_total{q="a"} 8 20',
        'jobs_created{q="a"} 1 20',
        'jobs_total{q="a"} 2 30',
        'jobs_total{q="a"} 3 30',
        '# EOF',
        '',
      ].join('\n'),
    )
    expect(rows).toEqual([
      { line: 4, metric: 'jobs_total', kind: Kind.counter, unit: '', timeMs: 20_000, value: 3, tags: ['q', 'a'] },
      { line: 6, metric: 'jobs_total', kind: Kind.counter, unit: '', timeMs: 30_000, value: 2, tags: ['q', 'a'] },
    ])
    expect(bad).toEqual([{ line: 7, reason: 'a counter must go forward in time' }])
  })

  it('reads labels, units and exemplars, and names bad lines', async () => {
    const { rows, bad } = await metrics(
      [
        '# TYPE t gauge',
        '# UNIT t celsius',
        't{place="a } \\"b\\"\\n",empty=""} -1.5 1.5 # {id="1"} 2',
        't 1',
        't{place=} 1 1',
        't{ 1 1',
        't NaN 1',
        't 1 x',
        'plain 7 2',
        '# EOF',
      ].join('\n'),
    )
    expect(rows).toEqual([
      {
        line: 3,
        metric: 't',
        kind: Kind.gauge,
        unit: 'celsius',
        timeMs: 1500,
        value: -1.5,
        tags: ['place', 'a } "b"\n'],
      },
      { line: 9, metric: 'plain', kind: Kind.gauge, unit: '', timeMs: 2000, value: 7, tags: [] },
    ])
    expect(bad.map(({ line }) => line)).toEqual([4, 5, 6, 7, 8])
  })
})

it('cuts the same batches every time, and none that the wire cannot carry', async () => {
  const lines = Array.from(
    { length: 12_000 },
    (_, i) => `${1767571200 + (i >= 6000 ? 40 * 86_400 : 0) + i},${i},h${i % 7}`,
  )
  const path = file(['timestamp,value,host', ...lines].join('\n'))
  const cut = async () => {
    const batches = []
    const id = await streamIdOf(path, 'm')
    for await (const one of batchesOf(readCsv(path, { metric: 'm', kind: Kind.gauge }), id)) batches.push(one)
    return batches
  }
  const [first, second] = [await cut(), await cut()]
  expect(first.map(({ lines: rows }) => rows.length)).toEqual([5000, 1000, 5000, 1000])
  const decoded = first.map(({ payload }) => decodeBatch(payload))
  expect(decoded.flatMap(({ samples }) => [...samples!.value])).toEqual(lines.map((_, i) => i))
  expect(decoded.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3])
  expect(second.map(({ payload }) => decodeBatch(payload).batchId)).toEqual(decoded.map(({ batchId }) => batchId))
  expect(await streamIdOf(path, 'other')).not.toEqual(decoded[0]!.streamId)
})
