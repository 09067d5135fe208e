/** `email.send` and `webhook.deliver`: jobs that wait for somebody else's server, which may be slow, busy or gone. */
import { createHmac } from 'node:crypto'
import { post } from '../http.js'
import type { JobType } from '../queue.js'

export interface EmailInput {
  to: string
  template: string
}

export interface WebhookInput {
  orgId: string
  event: string
}

export function createHttpJobs(serviceUrl: string) {
  const sendEmail: JobType<EmailInput> = {
    type: 'email.send',
    timeoutMs: 1200,
    maxAttempts: 4,
    async run({ to, template }, { signal, task }) {
      task.set('email.template', template)
      const body = JSON.stringify({ to, html: `<p>Hello ${to}, this is about your ${template}.</p>` })
      task.step('rendered')
      await post(`${serviceUrl}/relay/messages`, body, signal)
      task.step('accepted')
    },
  }

  const deliverWebhook: JobType<WebhookInput> = {
    type: 'webhook.deliver',
    timeoutMs: 800,
    maxAttempts: 3,
    async run({ orgId, event }, { signal, task }) {
      task.set('webhook.event', event)
      const body = JSON.stringify({ event, at: new Date().toISOString() })
      const signature = createHmac('sha256', 'demo-secret').update(body).digest('hex')
      task.step('signed')
      // A customer who takes an address down while we deliver to it ends the attempt.
      const unsubscribed = new AbortController()
      const timer = Math.random() < 0.03 ? setTimeout(() => unsubscribed.abort(), 30) : undefined
      try {
        await post(`${serviceUrl}/hooks/${orgId}`, body, AbortSignal.any([signal, unsubscribed.signal]), { signature })
      } finally {
        clearTimeout(timer)
      }
      task.step('delivered')
    },
  }
  return { sendEmail, deliverWebhook }
}
