/** The short form of `test/soak/cardinality.test.ts`. */
import { afterAll, beforeAll, it } from 'vitest'
import type { Target } from '../support/batches.js'
import { attack } from '../support/cardinality-attack.js'
import { CollectorProcess } from '../support/collector.js'

let collector: CollectorProcess
let target: Target
beforeAll(async () => {
  process.env.TELLTALE_INGEST_MAX_SERIES_PER_METRIC = '2000'
  collector = await CollectorProcess.start()
  target = { url: collector.url, key: await collector.createKey('admin') }
})
afterAll(async () => {
  delete process.env.TELLTALE_INGEST_MAX_SERIES_PER_METRIC
  await collector?.dispose()
})

it('holds its cap against a tag with a new value in each sample, and names the tag', () =>
  attack(collector, target, { tags: 60_000, cap: 2000 }))
