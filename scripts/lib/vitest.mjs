/** Runs vitest with its usual words on the terminal and reads the counts from its JSON report. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { cachePath } from './cache.mjs'
import { root, runNode } from './process.mjs'
import { say } from './terminal.mjs'

const vitest = join(root, 'node_modules/vitest/vitest.mjs')

/** @returns {Promise<{ passed: number, failed: number }>} */
export async function runVitest(name, args, env = {}) {
  const report = cachePath(`test-${name}.json`)
  mkdirSync(cachePath(''), { recursive: true })
  rmSync(report, { force: true })
  const { code } = await runNode(
    vitest,
    ['run', ...args, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    { env },
  )
  const counts = countReport(report)
  // A runner that fails for a reason of its own (an unhandled error, say) is a failure, too.
  if (code !== 0 && counts.failed === 0) counts.failed = 1
  if (code === 0 && counts.passed === 0) {
    say('  No test ran')
    counts.failed += 1
  }
  return counts
}

/** Counts a report of vitest: a file that does not even load is one failed test. */
export function countReport(path) {
  let report
  try {
    report = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return { passed: 0, failed: 1 }
  }
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'),
  ).length
  return { passed: report.numPassedTests, failed: report.numFailedTests + brokenFiles }
}
