/** Refuses a Node that we do not support, in words that say what to install. First thing every script does. */
import { Halt } from './terminal.mjs'

/** Mirrors `engines` in package.json: ^20.19 || >=22.12. */
export function isSupported(version) {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number)
  if (major === 20) return minor >= 19
  if (major === 22) return minor >= 12
  return major > 22
}

export function checkNodeVersion(version = process.version) {
  if (isSupported(version)) return
  throw new Halt(
    `Telltale needs Node 20.19 or later of line 20, or 22.12 and above; this is ${version}.\n` +
      '  Install a current one from https://nodejs.org, or with a version manager: nvm install 22',
  )
}
