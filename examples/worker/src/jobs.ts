/** The queues, what goes into them, and how often: steady arrivals that swell, and now and then a burst. */
import { randomUUID } from 'node:crypto'
import { Queue } from './queue.js'
import { between, chance, pick, pickWeighted } from './random.js'
import { arrivals, rhythm } from './rate.js'
import { aggregateSales } from './tasks/aggregate-sales.js'
import { compressArchive } from './tasks/compress-archive.js'
import { hashPassword } from './tasks/hash-password.js'
import { createHttpJobs } from './tasks/http-jobs.js'
import { renderReport } from './tasks/render-report.js'
import { resizeImage } from './tasks/resize-image.js'

/** Customers, and how busy each is. */
const orgs = { acme: 5, globex: 3, initech: 2, umbrella: 1 } as const
export type OrgId = keyof typeof orgs
export const pickOrg = (): OrgId => pickWeighted(orgs)

export type JobName = 'email' | 'webhook' | 'image' | 'report' | 'sales' | 'archive' | 'password'

/** Jobs of each kind, relative to each other. */
const mix: Record<JobName, number> = {
  email: 26,
  webhook: 22,
  image: 18,
  report: 14,
  password: 8,
  sales: 8,
  archive: 4,
}
const jobsPerSecond = 5

/** What comes all at once: a campaign, an album, the end of a month, an import that tells everybody about itself. */
const bursts: Partial<Record<JobName, number>> = { email: 90, image: 50, sales: 25, webhook: 60 }
const burstMix: Partial<Record<JobName, number>> = { email: 4, webhook: 3, image: 3, sales: 2 }
const burstsPerSecond = 1 / 18

export interface JobsOptions {
  serviceUrl: string
  rate: number
}

export function startJobs({ serviceUrl, rate }: JobsOptions) {
  const { sendEmail, deliverWebhook } = createHttpJobs(serviceUrl)
  const mail = new Queue('mail', { concurrency: Math.max(2, Math.ceil(3 * rate)) })
  const hooks = new Queue('webhooks', { concurrency: Math.max(2, Math.ceil(2 * rate)) })
  const media = new Queue('media', { concurrency: Math.max(2, Math.ceil(2 * rate)) })
  const reports = new Queue('reports', { concurrency: Math.max(1, Math.ceil(rate)) })
  const queues = [mail, hooks, media, reports]

  const enqueue = (name: JobName, orgId: OrgId = pickOrg()): void => {
    const job = <Input>(input: Input) => ({ id: randomUUID(), input, orgId })
    switch (name) {
      case 'email':
        mail.add(sendEmail, job({ to: `user${Math.ceil(between(0, 500))}@example.com`, template: pick(templates) }))
        return
      case 'webhook':
        hooks.add(deliverWebhook, job({ orgId, event: pick(webhookEvents) }))
        return
      case 'image':
        media.add(resizeImage, job({ url: `${serviceUrl}/originals/${Math.ceil(between(0, 999))}`, targetWidth: 96 }))
        return
      case 'archive':
        media.add(compressArchive, job({ lines: Math.round(between(800, 4000)) }))
        return
      case 'report':
        reports.add(
          renderReport,
          job({ title: 'Weekly sales', sections: chance(0.01) ? 0 : Math.ceil(between(4, 40)) }),
        )
        return
      case 'sales':
        reports.add(aggregateSales, job({ url: `${serviceUrl}/exports/sales?rows=${Math.round(between(1000, 9000))}` }))
        return
      case 'password':
        media.add(hashPassword, job({ password: 'x'.repeat(Math.ceil(between(6, 30))), iterations: 20_000 }))
        return
    }
  }

  const steady = arrivals(
    () => jobsPerSecond * rate * rhythm(),
    () => enqueue(pickWeighted(mix)),
  )
  const bursting = arrivals(
    () => burstsPerSecond,
    () => {
      const name = pickWeighted(burstMix)
      const orgId = pickOrg()
      for (let i = 0; i < (bursts[name] ?? 0) * rate; i++) enqueue(name, orgId)
    },
  )

  return {
    enqueue,
    async stop() {
      steady.stop()
      bursting.stop()
      await Promise.all(queues.map((queue) => queue.stop()))
    },
  }
}

const templates = ['receipt', 'welcome', 'newsletter', 'invoice'] as const
const webhookEvents = ['order.paid', 'order.shipped', 'customer.created'] as const
