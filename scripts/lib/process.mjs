/** Child processes for the scripts: run one to its end, with its output shown or kept. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The repository's root, without a slash at its end. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '')

/**
 * Runs a command. Output goes to the terminal, or, with `capture`, into the result.
 * Never rejects because of an exit code; `code` is 127 where the command does not exist.
 *
 * @returns {Promise<{ code: number, output: string }>}
 */
export function run(command, args, { cwd = root, env = {}, capture = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', capture ? 'pipe' : 'inherit', capture ? 'pipe' : 'inherit'],
    })
    let output = ''
    const keep = (chunk) => {
      output += chunk
    }
    child.stdout?.setEncoding('utf8').on('data', keep)
    child.stderr?.setEncoding('utf8').on('data', keep)
    child.on('error', (error) => resolve({ code: 127, output: error.message }))
    child.on('close', (code, signal) => resolve({ code: code ?? (signal ? 1 : 0), output }))
  })
}

/** Runs a JavaScript file with this very Node. */
export function runNode(file, args, options) {
  return run(process.execPath, [file, ...args], options)
}

/** Runs npm: the one that started us where there is one. */
export function runNpm(args, options) {
  const npm = process.env.npm_execpath
  if (npm?.endsWith('.js')) return runNode(npm, args, options)
  return run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, options)
}

export async function commandExists(command) {
  return (await run('sh', ['-c', `command -v ${command}`], { capture: true })).code === 0
}
