/** The parts of the scripts that decide something: which Node will do, what is installed, what counts as a failure. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { completeLockfile, lockfileProblems, platformOf } from '../../scripts/lib/lockfile.mjs'
import { formatLogLine } from '../../scripts/lib/log-line.mjs'
import { checkNodeVersion, isSupported } from '../../scripts/lib/node-version.mjs'
import { isInstalled } from '../../scripts/lib/set-up.mjs'
import { targets } from '../../scripts/lib/targets.mjs'
import { duration } from '../../scripts/lib/terminal.mjs'
import { countReport } from '../../scripts/lib/vitest.mjs'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'telltale-scripts-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, content: unknown): string {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

describe('Node versions', () => {
  test.each(['v18.20.4', 'v19.9.0', 'v20.18.3', 'v21.7.3', 'v22.11.0'])('%s is refused', (version) => {
    expect(isSupported(version)).toBe(false)
  })
  test.each(['v20.19.0', 'v20.20.2', 'v22.12.0', 'v24.1.0', 'v26.0.0'])('%s is supported', (version) => {
    expect(isSupported(version)).toBe(true)
  })
  test('the refusal names what is wanted and what is there', () => {
    expect(() => checkNodeVersion('v18.20.4')).toThrow(/20\.19.*22\.12[\s\S]*v18\.20\.4/)
  })
})

describe('what is installed', () => {
  const lock = {
    packages: {
      '': { name: 'telltale' },
      'node_modules/a': { version: '1.0.0' },
      'node_modules/only-on-mac': { version: '2.0.0', optional: true },
      'node_modules/ours': { link: true },
    },
  }
  const installed = (packages: object) => isInstalled(lock, write('hidden.json', { packages }))

  test('nothing', () => expect(isInstalled(lock, join(folder, 'absent.json'))).toBe(false))
  test('a broken record', () => expect(isInstalled(lock, write('hidden.json', '{'))).toBe(false))
  test('a package is missing', () => expect(installed({ 'node_modules/ours': { link: true } })).toBe(false))
  test('another version', () => {
    expect(installed({ 'node_modules/a': { version: '1.0.1' }, 'node_modules/ours': { link: true } })).toBe(false)
  })
  test('a workspace that became a package', () => {
    expect(installed({ 'node_modules/a': { version: '1.0.0' }, 'node_modules/ours': { version: '1.0.0' } })).toBe(false)
  })
  test('all but what is for other platforms', () => {
    expect(installed({ 'node_modules/a': { version: '1.0.0' }, 'node_modules/ours': { link: true } })).toBe(true)
  })
})

describe('counting a report of vitest', () => {
  const file = (status: string, ...results: string[]) => ({
    status,
    assertionResults: results.map((result) => ({ status: result })),
  })

  test('no report is a failure', () => {
    expect(countReport(join(folder, 'absent.json'))).toEqual({ passed: 0, failed: 1 })
  })
  test('a file that does not load is a failure', () => {
    const report = {
      numPassedTests: 2,
      numFailedTests: 0,
      testResults: [file('passed', 'passed', 'passed'), file('failed')],
    }
    expect(countReport(write('report.json', report))).toEqual({ passed: 2, failed: 1 })
  })
  test('a failed test counts once, not its file as well', () => {
    const report = { numPassedTests: 1, numFailedTests: 1, testResults: [file('failed', 'passed', 'failed')] }
    expect(countReport(write('report.json', report))).toEqual({ passed: 1, failed: 1 })
  })
})

describe('log lines', () => {
  const line = '{"level":"warn","time":"2026-01-02T03:04:05.678Z","msg":"slow query","took_ms":1200}'
  test('raw for programs', () => expect(formatLogLine(line, true)).toBe(line))
  test('short for people', () => expect(formatLogLine(line, false)).toContain('03:04:05 warn  slow query took_ms=1200'))
  test.each(['plain text', '{not json', '{"no":"message"}'])('%s passes as it is', (text) => {
    expect(formatLogLine(text, false)).toBe(text)
  })
})

test('durations', () => {
  expect([800, 59_900, 72_000].map(duration)).toEqual(['0.8 s', '59.9 s', '1 m 12 s'])
})

test('every build target names outputs, and comes after what it needs', () => {
  const seen = new Set<string>()
  for (const { name, outputs, after = [] } of targets) {
    expect(outputs.length, name).toBeGreaterThan(0)
    for (const earlier of after) expect(seen, `${name} after ${earlier}`).toContain(earlier)
    seen.add(name)
  }
})

describe('the lockfile', () => {
  const lock = {
    packages: {
      '': { name: 'telltale' },
      'node_modules/tool': {
        version: '3.0.0',
        dev: true,
        optionalDependencies: { '@tool/bin-linux-x64-musl': '3.0.0' },
      },
      'node_modules/a': { version: '1.0.0', optionalDependencies: { '@a/bin-darwin-arm64': '1.0.0' } },
      'node_modules/a/node_modules/@a/bin-darwin-arm64': { version: '1.0.0', optional: true },
    },
  }

  test('names what other platforms would miss, and completes it', () => {
    expect(lockfileProblems(lock)).toEqual([expect.stringContaining('@tool/bin-linux-x64-musl')])
    const completed = completeLockfile(lock)
    expect(lockfileProblems(completed)).toEqual([])
    expect(completed.packages['node_modules/@tool/bin-linux-x64-musl']).toEqual({
      version: '3.0.0',
      dev: true,
      optional: true,
      os: ['linux'],
      cpu: ['x64'],
      libc: ['musl'],
    })
  })

  test('refuses download addresses', () => {
    const addressed = { packages: { 'node_modules/a': { resolved: 'https://registry.example/a.tgz' } } }
    expect(lockfileProblems(addressed)).toEqual([expect.stringContaining('1 download addresses')])
  })

  test.each([
    ['@rollup/rollup-android-arm-eabi', { os: ['android'], cpu: ['arm'] }],
    ['@rollup/rollup-linux-arm-gnueabihf', { os: ['linux'], cpu: ['arm'], libc: ['glibc'] }],
    ['@biomejs/cli-win32-x64', { os: ['win32'], cpu: ['x64'] }],
    ['plain-package', {}],
  ])('%s', (name, platform) => expect(platformOf(name)).toEqual(platform))
})
