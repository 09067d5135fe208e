/** Ten million tag values, one new one in each sample, under the default caps. */
import { afterAll, beforeAll, test } from 'vitest'
import type { Target } from '../support/batches.js'
import { attack } from '../support/cardinality-attack.js'
import { CollectorProcess } from '../support/collector.js'

const tags = Number(process.env.TELLTALE_SOAK_TAGS ?? 10_000_000)

let collector: CollectorProcess
let target: Target
beforeAll(async () => {
  collector = await CollectorProcess.start()
  target = { url: collector.url, key: await collector.createKey('admin') }
})
afterAll(() => collector?.dispose())

test(`${tags} tag values: the cap holds, memory is bounded, old series are right`, () =>
  attack(collector, target, { tags, cap: 50_000 }))
