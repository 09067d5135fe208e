/** Runs the built `telltale` and waits for its end. */
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'

export interface Outcome {
  code: number | null
  stdout: string
  stderr: string
}

export function telltale(...args: string[]): Promise<Outcome> {
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
