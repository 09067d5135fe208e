/**
 * A worker app as you might run it: queues with jobs that do real work, a small HTTP service, and a shop on top. All of it
 * is measured with the Telltale Node SDK; look for the imports from '@telltale/sdk-node'.
 *
 * TELLTALE_ENDPOINT and TELLTALE_API_KEY say where it reports to; TELLTALE_DEMO_RATE scales the load (default 1).
 */
import { close, init } from '@telltale/sdk-node'
import { instrumentHttp } from '@telltale/sdk-node/http'
import { systemMetrics } from '@telltale/sdk-node/system'
import { startJobs } from './jobs.js'
import { readRate } from './rate.js'
import { startService } from './service.js'
import { startShoppers } from './shop.js'
import { untilStopped } from './until-stopped.js'

init({
  service: 'atelier-worker',
  version: '1.4.0',
  environment: 'demo',
  // These attributes of task runs become tags of the built-in task metrics, so that charts can group by them.
  metricAttributes: ['queue', 'org.id'],
})

// The machine, this process, its event loop and its garbage; and every request, both ways.
systemMetrics()
instrumentHttp()

const rate = readRate()
const service = await startService()
const jobs = startJobs({ serviceUrl: service.url, rate })
const shoppers = startShoppers({ serviceUrl: service.url, rate, enqueue: jobs.enqueue })

await untilStopped()
shoppers.stop()
await jobs.stop()
await service.stop()
// Sends what is left, within a deadline.
await close()
