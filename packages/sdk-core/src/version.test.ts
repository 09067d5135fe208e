/** One version, in the code and in the packages. */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { sdkVersion } from './version.js'

it('is the version of the packages', () => {
  for (const name of ['sdk-node', 'sdk-browser']) {
    const manifest = readFileSync(new URL(`../../${name}/package.json`, import.meta.url), 'utf8')
    expect(JSON.parse(manifest).version).toBe(sdkVersion)
  }
})
