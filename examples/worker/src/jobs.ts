/** The queues, what goes into them, and how often: steady arrivals that swell, and now and then a campaign. */
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
const campaignsPerSecond = 1 / 45
const campaignEmails = 90

export interface JobsOptions {
  serviceUrl: string
  rate: number
}

export function startJobs({ serviceUrl, rate }: JobsOptions) {
  const { sendEmail, deliverWebhook } = createHttpJobs(serviceUrl)
  const mail = new Queue('mail', { concurrency: Math.max(2, Math.ceil(3 * rate)) })
  const hooks = new Queue('webhooks', { concurrency: Math.max(2, Math.ceil(2 * rate)) })
  const media = new Queue('media', { concurrency: 2 })
  const reports = new Queue('reports', { concurrency: 1 })
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
      case 'image': {
        // Some customers upload what a phone takes, and a few what we refuse.
        const width = Math.round(chance(0.03) ? 960 : between(240, 640))
        media.add(resizeImage, job({ width, height: Math.round(width * 0.66), targetWidth: 96 }))
        return
      }
      case 'archive':
        media.add(compressArchive, job({ lines: Math.round(between(800, 4000)) }))
        return
      case 'report':
        reports.add(
          renderReport,
          job({ title: 'Weekly sales', sections: chance(0.02) ? 0 : Math.ceil(between(4, 40)) }),
        )
        return
      case 'sales':
        reports.add(aggregateSales, job({ rows: Math.round(between(1000, 9000)) }))
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
  const campaigns = arrivals(
    () => campaignsPerSecond,
    () => {
      const orgId = pickOrg()
      for (let i = 0; i < campaignEmails * rate; i++) enqueue('email', orgId)
    },
  )

  return {
    enqueue,
    async stop() {
      steady.stop()
      campaigns.stop()
      await Promise.all(queues.map((queue) => queue.stop()))
    },
  }
}

const templates = ['receipt', 'welcome', 'newsletter', 'invoice'] as const
const webhookEvents = ['order.paid', 'order.shipped', 'customer.created'] as const
