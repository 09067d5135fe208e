import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { flagName, isLoopback, resolveConfig, settings } from './config.js'

function configFile(content: unknown): string {
  const path = join(mkdtempSync(join(tmpdir(), 'telltale-config-')), 'telltale.json')
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

describe('bad settings', () => {
  it.each([
    [{ flags: { port: '70000' } }, 'port: must be a whole number from 0 to 65535 (got "70000" from --port)'],
    [{ flags: { port: 'http' } }, 'port: must be a whole number'],
    [{ env: { TELLTALE_INGEST_MAX_AGE: 'soon' } }, '(got "soon" from TELLTALE_INGEST_MAX_AGE)'],
    [{ env: { TELLTALE_BEHIND_PROXY: 'maybe' } }, 'behindProxy: must be true or false'],
    [{ env: { TELLTALE_CORS_ORIGINS: 'https://a.example,ftp://b' } }, '"ftp://b" is neither'],
    [{ flags: { logLevel: 'loud' } }, 'logLevel: '],
    [{ env: { TELLTALE_RETENTION_RULES: 'debug.=7d' } }, 'retention.rules: must be a list of rules such as'],
    [{ env: { TELLTALE_RETENTION_RULES: '[{"prefix":"a","raw":"1m"}]' } }, '[0].raw: must be between 1h and 100 years'],
    [{ env: { TELLTALE_RETENTION_RULES: '[{"raw":"7d"}]' } }, '[0].prefix'],
  ])('names the value and where it came from: %j', (sources, message) => {
    expect(() => resolveConfig(sources)).toThrowError(message)
  })

  it('refuses names that no setting has, and files that are no JSON', () => {
    expect(() => resolveConfig({ file: configFile({ ingest: { maxAgee: '1h' } }) })).toThrowError('"ingest.maxAgee"')
    expect(() => resolveConfig({ file: configFile('{') })).toThrowError('cannot be read as JSON')
    expect(() => resolveConfig({ file: '/nowhere/telltale.json' })).toThrowError('/nowhere/telltale.json')
  })

  it('says that a bad value came from the file', () => {
    const file = configFile({ query: { timeout: '1y' } })
    expect(() => resolveConfig({ file })).toThrowError(`from ${file}`)
  })
})

describe('resolveConfig', () => {
  it('has safe defaults', () => {
    const config = resolveConfig()
    expect(config).toMatchObject({ host: '127.0.0.1', port: 8000, behindProxy: false, localViewer: false })
    expect(config.ingest).toMatchObject({ maxAgeMs: 86_400_000, maxAheadMs: 600_000, maxBodyBytes: 4_194_304 })
    expect(config.query.timeoutMs).toBe(30_000)
  })

  it('lets flags beat the environment, the environment the file, the file the defaults', () => {
    const file = configFile({ port: 1, host: '127.0.0.2', logLevel: 'warn' })
    const env = { TELLTALE_PORT: '2', TELLTALE_HOST: '127.0.0.3' }
    const config = resolveConfig({ file, env, flags: { port: '3', host: undefined } })
    expect([config.port, config.host, config.logLevel]).toEqual([3, '127.0.0.3', 'warn'])
  })

  it('reads the file that TELLTALE_CONFIG names', () => {
    expect(resolveConfig({ env: { TELLTALE_CONFIG: configFile({ port: 9 }) } }).port).toBe(9)
  })

  it('takes lists of origins', () => {
    const { corsOrigins } = resolveConfig({ file: configFile({ corsOrigins: ['https://a.example', 'http://b:1'] }) })
    expect(corsOrigins).toEqual(['https://a.example', 'http://b:1'])
  })

  it('takes rules of retention as a list in the file', () => {
    const rules = [
      { prefix: 'debug.', raw: '7d' },
      { project: 'shop', prefix: '', events: '30d' },
    ]
    expect(resolveConfig({ file: configFile({ retention: { rules, raw: '90d' } }) })).toMatchObject({
      retentionRules: rules,
      retention: { rawMs: 90 * 86_400_000 },
    })
    expect(resolveConfig().retentionRules).toEqual([])
  })

  it('freezes what it returns', () => {
    const config = resolveConfig()
    expect(Object.isFrozen(config) && Object.isFrozen(config.ingest)).toBe(true)
  })
})

it('tells loopback addresses from others', () => {
  expect(['127.0.0.1', '127.9.9.9', '::1', 'localhost', '::ffff:127.0.0.1'].every(isLoopback)).toBe(true)
  expect(['0.0.0.0', '::', '10.0.0.1', 'example.com', '128.0.0.1'].some(isLoopback)).toBe(false)
})

it('is described whole in the reference', () => {
  const page = readFileSync(new URL('../../../docs/reference/configuration.md', import.meta.url), 'utf8')
  const rows = page.split('\n').filter((line) => line.startsWith('| `'))
  const described = rows.map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')))
  const expected = Object.entries(settings).map(([name, { env, default: fallback }]) => [name, env, String(fallback)])
  expect(described.map(([, name, env, fallback]) => [name, env, fallback])).toEqual(expected)
  expect(flagName('ingest.maxAge')).toBe('--ingest-max-age')
})
