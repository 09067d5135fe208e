/** The commands of the README work as printed: they are taken from it, and only the address and the binary are swapped. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CollectorProcess } from './support/collector.js'

let collector: CollectorProcess
beforeAll(async () => {
  collector = await CollectorProcess.start()
})
afterAll(() => collector?.dispose())

/** Blocks of shell in the README, in their order. */
function shellBlocks(): string[] {
  return [...readFileSync('README.md', 'utf8').matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block)
}

async function runInShell(script: string): Promise<string> {
  const binary = `"${process.execPath}" "${resolve('packages/collector/bin/telltale.mjs')}"`
  const swapped = script.replaceAll('http://127.0.0.1:8000', collector.url).replaceAll('npx telltale', binary)
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', swapped], {
    env: { ...process.env, TELLTALE_DATA_DIR: collector.dataDir },
  })
  return stdout
}

test('sending an event and asking for it', async () => {
  const [events] = shellBlocks()
  const answers = (await runInShell(events)).split(/(?<=\})(?=\{)/)
  expect(answers.map((answer) => JSON.parse(answer) as unknown)).toEqual([
    { accepted: 1, rejected: [], duplicate: false },
    expect.objectContaining({ data: [expect.objectContaining({ value: 1, tags: { 'org.id': 'acme' } })] }),
  ])
})

test('asking for a metric that nobody sent says so', async () => {
  const [events, query] = shellBlocks()
  const [key] = events.split('\n')
  const answer = JSON.parse(await runInShell(`${key}\n${query}`)) as { error: { code: string } }
  expect(answer.error.code).toBe('unknown_metric')
})
